using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Clusters;

/// <summary>What a cluster must know of an attempt that wants nodes: compact, since it holds all of them.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.lease-request")]
public sealed record LeaseRequest
{
    [Id(0)] public AttemptId Attempt { get; init; }

    [Id(1)] public ResourceRequest Resources { get; init; } = new();

    [Id(2)] public PriorityClass Priority { get; init; } = PriorityClass.Medium;

    /// <summary>When the simulation was submitted; inside a class of priority the earlier goes first.</summary>
    [Id(3)] public DateTimeOffset SubmittedAt { get; init; }

    /// <summary>How long the segment holds its nodes at most; null: not known.</summary>
    [Id(4)] public TimeSpan? DurationEstimate { get; init; }

    [Id(5)] public Ownership Owner { get; init; } = new();

    /// <summary>Nodes that must not be used.</summary>
    [Id(6)] public ImmutableArray<NodeId> Avoid { get; init; } = [];

    [Id(7)] public bool Protected { get; init; }

    /// <summary>Time that the program gets between the request to leave and KILL, when the cluster asks it to leave.</summary>
    [Id(8)] public TimeSpan Grace { get; init; }

    /// <summary>Orders submissions of the same instant: the place of the stage in its definition, then of the simulation in its campaign.</summary>
    [Id(9)] public long Order { get; init; }
}
