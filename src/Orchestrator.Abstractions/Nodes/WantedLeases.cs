using System.Collections.Immutable;
using Orchestrator.Core.Clusters;

namespace Orchestrator.Abstractions.Nodes;

/// <summary>All leases of one node at one moment.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.wanted-leases")]
public sealed record WantedLeases
{
    /// <summary>The position in the cluster's ledger at which this was so; only grows.</summary>
    [Id(0)] public long Version { get; init; }

    [Id(1)] public ImmutableArray<WantedLease> Leases { get; init; } = [];
}
