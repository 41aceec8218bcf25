using System.Collections.Immutable;
using Orchestrator.Core.Scheduling.Order;

namespace Orchestrator.Core.Scheduling;

/// <summary>Chooses who is asked to leave for those that still wait, and for windows, reservations and guarantees.</summary>
public interface IPreemptionPlanner
{
    /// <summary>Never a protected one, but for what invariant 7 allows; each victim at most once.</summary>
    /// <param name="view">What the plan was made for.</param>
    /// <param name="waiting">Who is not started by the plan, in turn, with the reason.</param>
    /// <param name="starts">What the plan starts.</param>
    /// <param name="now">The moment of the plan.</param>
    ImmutableArray<Preemption> Choose(ISchedulingView view, IReadOnlyList<StillWaiting> waiting, ImmutableArray<Placement> starts, DateTimeOffset now);
}

/// <summary>One that a plan does not start.</summary>
/// <param name="Turn">Who, and its priority.</param>
/// <param name="Waits">Why, and from when on a place is kept for it.</param>
public readonly record struct StillWaiting(RankedRequest Turn, WaitingTurn Waits);
