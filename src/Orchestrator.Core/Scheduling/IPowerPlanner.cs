using System.Collections.Immutable;

namespace Orchestrator.Core.Scheduling;

/// <summary>Switches nodes on for those that wait, and off when they idle.</summary>
public interface IPowerPlanner
{
    /// <summary>A node that the plan starts something on, or keeps a place on soon, is not switched off; each node is ordered at most once.</summary>
    ImmutableArray<PowerOrder> Orders(ISchedulingView view, SchedulingPlan plan, DateTimeOffset now);
}
