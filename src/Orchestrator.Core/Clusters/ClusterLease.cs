using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Clusters;

/// <summary>
/// The nodes of one attempt, from the grant until the last of them is free again. It is granted, lost and released as a whole; after that each node's share stays occupied
/// until the node says that no process of it is left (invariant 3 holds for processes, not only for books).
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.cluster-lease")]
public sealed record ClusterLease
{
    [Id(0)] public LeaseRequest Request { get; init; } = new();

    /// <summary>Granted; Lost until its simulation releases it; Unknown once released, which is all that anybody is told of it then.</summary>
    [Id(1)] public LeaseState State { get; init; }

    [Id(2)] public DateTimeOffset Since { get; init; }

    /// <summary>One for each node; the first is the lead's.</summary>
    [Id(3)] public ImmutableArray<NodeShare> Shares { get; init; } = [];

    /// <summary>Nodes, no longer granted, whose share is free again.</summary>
    [Id(4)] public ImmutableArray<NodeId> Vacated { get; init; } = [];

    /// <summary>The version of the ledger from which on it is wanted nowhere; 0 while it is granted.</summary>
    [Id(5)] public long EndVersion { get; init; }

    [Id(6)] public NodeId? LostNode { get; init; }

    /// <summary>When the lost node was last heard of.</summary>
    [Id(7)] public DateTimeOffset? LastSeen { get; init; }

    /// <summary>What is asked of it.</summary>
    [Id(8)] public LeaseOrder Order { get; init; } = new();

    /// <summary>Why the cluster itself asks it to leave.</summary>
    [Id(9)] public StopReason Stop { get; init; }

    [Id(10)] public DateTimeOffset GrantedAt { get; init; }

    /// <summary>Why it makes way, once it was chosen to.</summary>
    [Id(11)] public Preemption? Preemption { get; init; }

    /// <summary>Others made way for it.</summary>
    [Id(12)] public bool StartedByPreemption { get; init; }

    /// <summary>How long it was likely to run when it got its nodes, by what was learned, where its request did not say; null: nothing was.</summary>
    [Id(13)] public TimeSpan? DurationExpected { get; init; }

    /// <summary>What was added to the pass of its scenario for its start (<see cref="Scheduling.Shares.ScenarioUse.Pass"/>).</summary>
    [Id(14)] public double ScenarioCharge { get; init; }

    /// <summary>The share of its scenario when it started; 0: it had none.</summary>
    [Id(15)] public double ScenarioShare { get; init; }

    /// <summary>No process of it can be alive on any of its nodes.</summary>
    public bool IsVacated => State != LeaseState.Granted && Vacated.Length == Shares.Length;
}
