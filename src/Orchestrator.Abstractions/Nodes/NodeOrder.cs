using Orchestrator.Core.Nodes;

namespace Orchestrator.Abstractions.Nodes;

/// <summary>What an operator asks of a node.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.node-order")]
public sealed record NodeOrder
{
    [Id(0)] public NodeVerb Verb { get; init; }

    [Id(1)] public string? Reason { get; init; }
}

/// <summary>What may be asked of a node.</summary>
[GenerateSerializer, Alias("orchestrator.node-verb")]
public enum NodeVerb
{
    Absent = 0,

    /// <summary>Nothing new starts; what runs leaves with a checkpoint and goes on elsewhere.</summary>
    Drain = 1,

    /// <summary>Nothing new starts; what runs may end by itself.</summary>
    DrainWhenIdle = 2,
    Resume = 3,
}

/// <summary>What became of an order to a node.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.node-control-reply")]
public sealed record NodeControlReply
{
    [Id(0)] public bool Found { get; init; }

    [Id(1)] public bool Changed { get; init; }

    [Id(2)] public NodeStatus Status { get; init; }
}
