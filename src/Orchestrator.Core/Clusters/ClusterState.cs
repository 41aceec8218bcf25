using System.Collections.Immutable;

namespace Orchestrator.Core.Clusters;

/// <summary>Everything a cluster holds: the fold of its ledger. Keys of <see cref="Queue"/> and <see cref="Leases"/> are the texts of attempts, of <see cref="Nodes"/> node ids.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.cluster-state")]
public sealed record ClusterState
{
    /// <summary>The position in the ledger.</summary>
    [Id(0)] public long Version { get; init; }

    [Id(1)] public ImmutableDictionary<string, QueuedRequest> Queue { get; init; } = ImmutableDictionary<string, QueuedRequest>.Empty;

    [Id(2)] public ImmutableDictionary<string, ClusterLease> Leases { get; init; } = ImmutableDictionary<string, ClusterLease>.Empty;

    [Id(3)] public ImmutableDictionary<string, ClusterNode> Nodes { get; init; } = ImmutableDictionary<string, ClusterNode>.Empty;

    /// <summary>The newest epoch of every stage, by simulation and stage ("s-key/stage").</summary>
    [Id(4)] public ImmutableDictionary<string, StageEpoch> Epochs { get; init; } = ImmutableDictionary<string, StageEpoch>.Empty;

    /// <summary>Since when losses are held back, because so many nodes are silent that the silo itself may be cut off; null: they are not.</summary>
    [Id(5)] public DateTimeOffset? LossesHeldSince { get; init; }
}

/// <summary>An attempt that waits for nodes.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.queued-request")]
public sealed record QueuedRequest
{
    [Id(0)] public LeaseRequest Request { get; init; } = new();

    [Id(1)] public DateTimeOffset Since { get; init; }

    /// <summary>Why the last plan passed it over; null: no plan looked at it yet.</summary>
    [Id(2)] public Scheduling.WaitReason? Reason { get; init; }
}

/// <summary>The newest epoch of a stage.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.stage-epoch")]
public sealed record StageEpoch
{
    [Id(0)] public int Epoch { get; init; }

    /// <summary>Since when it neither waits nor holds anything; null: it does.</summary>
    [Id(1)] public DateTimeOffset? EndedAt { get; init; }
}
