using System.Collections.Immutable;

namespace Orchestrator.Core.Clusters;

/// <summary>What a cluster holds of a node.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.cluster-node")]
public sealed record ClusterNode
{
    /// <summary>As it was pulled last.</summary>
    [Id(0)] public NodeInventory Inventory { get; init; } = new();

    /// <summary>Since when it has this status.</summary>
    [Id(1)] public DateTimeOffset Since { get; init; }

    /// <summary>The version of the ledger at which the leases wanted on it changed last.</summary>
    [Id(2)] public long WantedVersion { get; init; }

    /// <summary>Texts of the attempts whose share of it is not free.</summary>
    [Id(3)] public ImmutableHashSet<string> Occupants { get; init; } = [];
}
