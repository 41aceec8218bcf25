using System.Collections.Immutable;

namespace Orchestrator.Core.Scheduling;

/// <summary>All that a policy may look at: one snapshot of nodes, leases and pending attempts. The order of the lists has no meaning.</summary>
public sealed record SchedulingProblem
{
    public ImmutableArray<SchedulableNode> Nodes { get; init; } = [];

    /// <summary>What runs, or is not gone yet.</summary>
    public ImmutableArray<RunningLease> Running { get; init; } = [];

    public ImmutableArray<PendingRequest> Pending { get; init; } = [];

    /// <summary>What changes seldom.</summary>
    public SchedulingContext Context { get; init; } = new();
}
