using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.TaskSets.Segments;

/// <summary>
/// Where the tasks of one segment stand. Those that wait are ranges, those that completed are what is in nothing else: a task costs memory only while it is out of line.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-segment-state")]
public sealed record TaskSegmentState
{
    /// <summary>What tasks ask for; empty before the segment knows them.</summary>
    [Id(0)] public ImmutableArray<TaskRow> Rows { get; init; } = [];

    [Id(1)] public ImmutableArray<TaskRange> Waiting { get; init; } = [];

    /// <summary>What workers have, by serial.</summary>
    [Id(2)] public ImmutableSortedDictionary<long, TaskBatch> Batches { get; init; } = ImmutableSortedDictionary<long, TaskBatch>.Empty;

    /// <summary>How often tasks have failed that are to be tried again.</summary>
    [Id(3)] public ImmutableSortedDictionary<int, int> Failures { get; init; } = ImmutableSortedDictionary<int, int>.Empty;

    [Id(4)] public ImmutableSortedDictionary<int, TaskFailure> Failed { get; init; } = ImmutableSortedDictionary<int, TaskFailure>.Empty;

    [Id(5)] public ImmutableSortedDictionary<int, TaskWorker> Workers { get; init; } = ImmutableSortedDictionary<int, TaskWorker>.Empty;

    [Id(6)] public int Completed { get; init; }

    /// <summary>Of the newest batch.</summary>
    [Id(7)] public long Serial { get; init; }

    /// <summary>Of all ends that counted.</summary>
    [Id(8)] public TimeSpan TaskTime { get; init; }

    /// <summary>Of those in <see cref="Failures"/>, where and when they failed last.</summary>
    [Id(9)] public ImmutableSortedDictionary<int, TaskRetry> Retries { get; init; } = ImmutableSortedDictionary<int, TaskRetry>.Empty;

    [JsonIgnore]
    public bool IsOpen => !Rows.IsEmpty;

    [JsonIgnore]
    public TaskCounts Counts => new()
    {
        Waiting = TaskRanges.Count(Waiting),
        Given = Batches.Values.Sum(static batch => TaskRanges.Count(batch.Tasks)),
        Completed = Completed,
        Failed = Failed.Count,
    };
}

/// <summary>Where and when a task failed that is to be tried again.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-retry")]
public sealed record TaskRetry
{
    [Id(0)] public int Worker { get; init; }

    [Id(1)] public DateTimeOffset At { get; init; }
}

/// <summary>What a segment remembers of one worker.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-worker")]
public sealed record TaskWorker
{
    /// <summary>The newest that was heard of.</summary>
    [Id(0)] public int Epoch { get; init; }

    /// <summary>The newest exchange of this epoch that changed something.</summary>
    [Id(1)] public long Sequence { get; init; }

    /// <summary>The batch that this exchange got; 0: none.</summary>
    [Id(2)] public long Serial { get; init; }

    /// <summary>Attempts up to this epoch are over.</summary>
    [Id(3)] public int OverTo { get; init; }
}
