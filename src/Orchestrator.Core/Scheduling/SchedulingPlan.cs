using System.Collections.Immutable;

namespace Orchestrator.Core.Scheduling;

/// <summary>What starts where, and why the rest does not. It must be revalidated before it is stored: the world moves on.</summary>
public sealed record SchedulingPlan
{
    /// <summary>In the order in which they were decided.</summary>
    public ImmutableArray<Placement> Placements { get; init; } = [];

    /// <summary>In the order in which they were decided.</summary>
    public ImmutableArray<WaitingRequest> Waiting { get; init; } = [];
}
