using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Windows;

/// <summary>One attempt that is still on the nodes of a window.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.window-blocker")]
public sealed record WindowBlocker
{
    [Id(0)] public string Window { get; init; } = "";

    [Id(1)] public AttemptId Attempt { get; init; }

    [Id(2)] public PriorityClass Priority { get; init; }

    [Id(3)] public bool Protected { get; init; }

    /// <summary>Its nodes of the window.</summary>
    [Id(4)] public ImmutableArray<NodeId> Nodes { get; init; } = [];

    /// <summary>It is gone by then at the latest; null: nobody knows.</summary>
    [Id(5)] public DateTimeOffset? Until { get; init; }

    /// <summary>Why it may stay so long, in words.</summary>
    [Id(6)] public string Reason { get; init; } = "";

    /// <summary>It was to be gone by now and is not: nothing waits for it any more.</summary>
    [Id(7)] public bool Stuck { get; init; }
}
