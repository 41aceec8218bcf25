using System.Collections.Immutable;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Abstractions.Clusters;

/// <summary>A cluster as people see it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.cluster-view")]
public sealed record ClusterView
{
    [Id(0)] public ClusterId Id { get; init; }

    /// <summary>By id; those that were lost long ago are forgotten.</summary>
    [Id(1)] public ImmutableArray<ClusterNodeView> Nodes { get; init; } = [];

    /// <summary>Granted and lost leases.</summary>
    [Id(2)] public ImmutableArray<LeaseStatus> Leases { get; init; } = [];

    /// <summary>In the order in which it is considered.</summary>
    [Id(3)] public ImmutableArray<LeaseStatus> Queue { get; init; } = [];

    /// <summary>The position in its ledger.</summary>
    [Id(4)] public long Version { get; init; }
}

/// <summary>What a cluster holds of a node.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.cluster-node-view")]
public sealed record ClusterNodeView
{
    [Id(0)] public NodeId Id { get; init; }

    [Id(1)] public NodeStatus Status { get; init; }

    [Id(2)] public bool Draining { get; init; }

    [Id(3)] public int Cores { get; init; }

    [Id(4)] public int CoresLeased { get; init; }

    /// <summary>Bytes.</summary>
    [Id(5)] public long Memory { get; init; }

    [Id(6)] public long MemoryLeased { get; init; }

    [Id(7)] public int Gpus { get; init; }

    [Id(8)] public int GpusLeased { get; init; }

    [Id(9)] public string User { get; init; } = "";

    [Id(10)] public DateTimeOffset? AllocationEnd { get; init; }

    /// <summary>The kind for which speeds of work are learned.</summary>
    [Id(11)] public string Kind { get; init; } = "";

    /// <summary>0 to 1: how far it is trusted; it weighs in placement.</summary>
    [Id(12)] public double Reliability { get; init; } = 1;

    /// <summary>Failures for which it answered.</summary>
    [Id(13)] public int Failures { get; init; }
}
