using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Core.Clusters;

/// <summary>One lease as a node's agent sees it. An attempt that is not among the leases wanted has no right to run: its processes are killed.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.wanted-lease")]
public sealed record WantedLease
{
    [Id(0)] public AttemptId Attempt { get; init; }

    /// <summary>This node's part.</summary>
    [Id(1)] public NodeShare Share { get; init; } = new();

    /// <summary>The lead launches; the others hold their share and report.</summary>
    [Id(2)] public bool IsLead { get; init; }

    /// <summary>All parts of the gang; the first is the lead's.</summary>
    [Id(3)] public ImmutableArray<NodeShare> Shares { get; init; } = [];

    /// <summary>What is asked of it; the same on every node of the gang.</summary>
    [Id(4)] public LeaseOrder Order { get; init; } = new();
}
