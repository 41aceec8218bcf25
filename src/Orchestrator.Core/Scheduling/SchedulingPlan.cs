using System.Collections.Immutable;

namespace Orchestrator.Core.Scheduling;

/// <summary>What starts where, why the rest does not, and who must make way. It must be revalidated before it is stored: the world moves on.</summary>
public sealed record SchedulingPlan
{
    /// <summary>In the order in which they were decided.</summary>
    public ImmutableArray<Placement> Placements { get; init; } = [];

    /// <summary>In the order in which they were considered.</summary>
    public ImmutableArray<WaitingTurn> Waiting { get; init; } = [];

    /// <summary>The places in time that are kept for some of those that wait, in the order in which they were given.</summary>
    public ImmutableArray<PlannedPlace> Places { get; init; } = [];

    /// <summary>Who is asked to leave, for whom.</summary>
    public ImmutableArray<Preemption> Preemptions { get; init; } = [];

    /// <summary>Nodes to switch.</summary>
    public ImmutableArray<PowerOrder> Power { get; init; } = [];

    /// <summary>The next moment at which this plan changes although nothing happens: a reservation or window begins, slack ends, a price falls. Null: none.</summary>
    public DateTimeOffset? NextChange { get; init; }
}
