using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.TaskSets.Segments;

/// <summary>What the journal of a segment holds.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-segment-fact")]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Opened), "tasks-opened")]
[JsonDerivedType(typeof(Fenced), "worker-fenced")]
[JsonDerivedType(typeof(Exchanged), "tasks-exchanged")]
[JsonDerivedType(typeof(Retried), "failed-tasks-retried")]
public abstract record TaskSegmentFact
{
    private TaskSegmentFact()
    {
    }

    /// <summary>The segment got to know its tasks: all of them wait.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-segment-opened")]
    public sealed record Opened : TaskSegmentFact
    {
        [Id(0)] public ImmutableArray<TaskRow> Rows { get; init; } = [];
    }

    /// <summary>Attempts of a worker up to an epoch are over: what they had waits again.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.task-worker-fenced")]
    public sealed record Fenced : TaskSegmentFact
    {
        [Id(0)] public int Worker { get; init; }

        [Id(1)] public int Epoch { get; init; }
    }

    /// <summary>A worker told of ends, and got more. Only what counts is in it.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.tasks-exchanged")]
    public sealed record Exchanged : TaskSegmentFact
    {
        [Id(0)] public int Worker { get; init; }

        [Id(1)] public int Epoch { get; init; }

        [Id(2)] public long Sequence { get; init; }

        [Id(3)] public string Node { get; init; } = "";

        [Id(4)] public ImmutableArray<TaskBatchEnd> Ended { get; init; } = [];

        [Id(5)] public ImmutableArray<TaskRange> Given { get; init; } = [];
    }

    /// <summary>What had failed for good waits again, from its first attempt.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.failed-tasks-retried")]
    public sealed record Retried : TaskSegmentFact;
}
