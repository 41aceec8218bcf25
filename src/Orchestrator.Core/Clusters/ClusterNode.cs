using System.Collections.Immutable;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Scheduling;

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

    /// <summary>Since when nothing has a share of it; null: something has.</summary>
    [Id(4)] public DateTimeOffset? IdleSince { get; init; }

    /// <summary>What was last ordered of its power; null: nothing was, or it was switched on and is, so that it is on.</summary>
    [Id(5)] public PowerOrder? Power { get; init; }

    /// <summary>With <see cref="Power"/>: when that is done.</summary>
    [Id(6)] public DateTimeOffset? PowerDoneAt { get; init; }

    /// <summary>What was learned of how far it is to be trusted.</summary>
    [Id(7)] public NodeReliability Reliability { get; init; } = NodeReliability.Unknown;

    /// <summary>It gets no new work, though it is alive.</summary>
    [Id(8)] public bool IsWithheld { get; init; }

    /// <summary>Open while attempt after attempt failed by its fault.</summary>
    [Id(9)] public CircuitBreaker Breaker { get; init; } = CircuitBreaker.Closed;
}
