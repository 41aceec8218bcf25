using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Clusters;

/// <summary>One entry of a cluster's ledger: what was decided, so that it can be explained afterwards (invariant 10). The names are pinned.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact")]
[JsonDerivedType(typeof(Requested), "lease-requested")]
[JsonDerivedType(typeof(Withdrawn), "lease-withdrawn")]
[JsonDerivedType(typeof(Granted), "lease-granted")]
[JsonDerivedType(typeof(Ordered), "lease-ordered")]
[JsonDerivedType(typeof(Lost), "lease-lost")]
[JsonDerivedType(typeof(Released), "lease-released")]
[JsonDerivedType(typeof(Vacated), "share-vacated")]
[JsonDerivedType(typeof(NodeChanged), "node-changed")]
[JsonDerivedType(typeof(NodeForgotten), "node-forgotten")]
[JsonDerivedType(typeof(PassedOver), "requests-passed-over")]
[JsonDerivedType(typeof(LossesHeld), "losses-held")]
[JsonDerivedType(typeof(EpochsForgotten), "epochs-forgotten")]
public abstract record ClusterFact
{
    private ClusterFact()
    {
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-requested")]
    public sealed record Requested : ClusterFact
    {
        [Id(0)] public LeaseRequest Request { get; init; } = new();
    }

    /// <summary>Taken out of the queue.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-withdrawn")]
    public sealed record Withdrawn : ClusterFact
    {
        [Id(0)] public AttemptId Attempt { get; init; }
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-granted")]
    public sealed record Granted : ClusterFact
    {
        [Id(0)] public AttemptId Attempt { get; init; }

        [Id(1)] public ImmutableArray<NodeShare> Shares { get; init; } = [];
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-ordered")]
    public sealed record Ordered : ClusterFact
    {
        /// <summary>All that is asked of it from now on.</summary>
        [Id(0)] public LeaseOrder Order { get; init; } = new();

        /// <summary>Why the cluster itself asks it to leave; absent: it does not.</summary>
        [Id(1)] public StopReason Stop { get; init; }
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-lost")]
    public sealed record Lost : ClusterFact
    {
        [Id(0)] public AttemptId Attempt { get; init; }

        [Id(1)] public NodeId Node { get; init; }

        [Id(2)] public DateTimeOffset? LastSeen { get; init; }
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-released")]
    public sealed record Released : ClusterFact
    {
        [Id(0)] public AttemptId Attempt { get; init; }
    }

    /// <summary>The node's share of a lease that is over is free again.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-vacated")]
    public sealed record Vacated : ClusterFact
    {
        [Id(0)] public AttemptId Attempt { get; init; }

        [Id(1)] public NodeId Node { get; init; }
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-node-changed")]
    public sealed record NodeChanged : ClusterFact
    {
        [Id(0)] public NodeInventory Inventory { get; init; } = new();
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-node-forgotten")]
    public sealed record NodeForgotten : ClusterFact
    {
        [Id(0)] public NodeId Node { get; init; }
    }

    /// <summary>Why queued requests wait; those whose reason is another than before.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-passed-over")]
    public sealed record PassedOver : ClusterFact
    {
        [Id(0)] public ImmutableArray<WaitingRequest> Waiting { get; init; } = [];
    }

    /// <summary>Losses are held back since then; null: no longer.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-losses-held")]
    public sealed record LossesHeld : ClusterFact
    {
        [Id(0)] public DateTimeOffset? Since { get; init; }
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-epochs-forgotten")]
    public sealed record EpochsForgotten : ClusterFact
    {
        /// <summary>Simulation and stage, as in <see cref="ClusterState.Epochs"/>.</summary>
        [Id(0)] public ImmutableArray<string> Stages { get; init; } = [];
    }
}
