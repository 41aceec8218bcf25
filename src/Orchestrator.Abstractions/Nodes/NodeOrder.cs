using Orchestrator.Core.Failures;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Abstractions.Nodes;

/// <summary>What an operator asks of a node.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.node-order")]
public sealed record NodeOrder
{
    [Id(0)] public NodeVerb Verb { get; init; }

    [Id(1)] public string? Reason { get; init; }

    /// <summary>A failure that a person saw, which is put on record; null: <see cref="Verb"/> says what is asked.</summary>
    [Id(10)] public FailureReport? Failure { get; init; }
}

/// <summary>What became of an order to a node.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.node-control-reply")]
public sealed record NodeControlReply
{
    [Id(0)] public bool Found { get; init; }

    [Id(1)] public bool Changed { get; init; }

    [Id(2)] public NodeStatus Status { get; init; }
}
