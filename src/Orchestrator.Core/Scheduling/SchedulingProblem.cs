using System.Collections.Immutable;

namespace Orchestrator.Core.Scheduling;

/// <summary>All that a policy may look at: one snapshot of nodes, leases and pending attempts. The order of the lists has no meaning.</summary>
public sealed record SchedulingProblem
{
    public ImmutableArray<SchedulableNode> Nodes { get; init; } = [];

    /// <summary>What is taken already, by whomever: attempts that run, reservations, maintenance.</summary>
    public ImmutableArray<NodeShare> Leased { get; init; } = [];

    public ImmutableArray<PendingRequest> Pending { get; init; } = [];
}
