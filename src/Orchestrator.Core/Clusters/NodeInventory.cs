using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Clusters;

/// <summary>What a cluster must know of a node to give it work.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.node-inventory")]
public sealed record NodeInventory
{
    [Id(0)] public NodeId Id { get; init; }

    /// <summary>Of the node's own counting; only grows.</summary>
    [Id(1)] public long Version { get; init; }

    [Id(2)] public NodeStatus Status { get; init; }

    [Id(3)] public NodeVerb Drain { get; init; }

    [Id(4)] public NodeCapabilities Capabilities { get; init; } = new();

    /// <summary>Whose work it takes; "": anyone's.</summary>
    [Id(5)] public string User { get; init; } = "";

    [Id(6)] public DateTimeOffset? AllocationEnd { get; init; }

    [Id(7)] public string BootId { get; init; } = "";

    [Id(8)] public DateTimeOffset? LastSeen { get; init; }

    [Id(9)] public NodeCondition Condition { get; init; }

    /// <summary>With a condition that is not sound: the same for people.</summary>
    [Id(10)] public string? ConditionReason { get; init; }

    /// <summary>Nothing that decides about work differs.</summary>
    internal bool IsLike(NodeInventory other) => this == other with { Version = Version, LastSeen = LastSeen };
}
