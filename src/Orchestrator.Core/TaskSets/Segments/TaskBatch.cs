using System.Collections.Immutable;

namespace Orchestrator.Core.TaskSets.Segments;

/// <summary>Tasks that one worker has, given to it at once.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-batch")]
public sealed record TaskBatch
{
    /// <summary>Grows with each batch of the segment: an end that names another one is of a lease that was taken back, and changes nothing.</summary>
    [Id(0)] public long Serial { get; init; }

    [Id(1)] public int Worker { get; init; }

    /// <summary>The epoch of the attempt that the worker is.</summary>
    [Id(2)] public int Epoch { get; init; }

    /// <summary>What of it has not ended.</summary>
    [Id(3)] public ImmutableArray<TaskRange> Tasks { get; init; } = [];

    [Id(4)] public string Node { get; init; } = "";

    [Id(5)] public DateTimeOffset At { get; init; }
}

/// <summary>How tasks of one batch ended.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-batch-end")]
public sealed record TaskBatchEnd
{
    [Id(0)] public long Serial { get; init; }

    [Id(1)] public ImmutableArray<TaskRange> Completed { get; init; } = [];

    [Id(2)] public ImmutableArray<TaskFault> Failed { get; init; } = [];

    /// <summary>Not run to an end, for no fault of theirs: they wait again, and no retry is used.</summary>
    [Id(3)] public ImmutableArray<TaskRange> Returned { get; init; } = [];

    /// <summary>Of those that completed or failed, together.</summary>
    [Id(4)] public TimeSpan TaskTime { get; init; }
}

/// <summary>A task that failed.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-fault")]
public sealed record TaskFault
{
    [Id(0)] public int Task { get; init; }

    [Id(1)] public TaskFaultKind Kind { get; init; }

    /// <summary>Exit status; the negative number of the signal that ended it; -1 for a time-out.</summary>
    [Id(2)] public int Code { get; init; }
}

/// <summary>How it failed.</summary>
[GenerateSerializer, Alias("orchestrator.task-fault-kind")]
public enum TaskFaultKind
{
    Absent = 0,

    /// <summary>Another exit status than 0, or a signal.</summary>
    Failed = 1,
    TimedOut = 2,

    /// <summary>Its program or its folder is not there, or cannot be used.</summary>
    NotStarted = 3,
}

/// <summary>A task that failed as often as it may.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-failure")]
public sealed record TaskFailure
{
    [Id(0)] public TaskFaultKind Kind { get; init; }

    [Id(1)] public int Code { get; init; }

    [Id(2)] public int Attempts { get; init; }

    [Id(3)] public int Worker { get; init; }

    [Id(4)] public int Epoch { get; init; }

    [Id(5)] public string Node { get; init; } = "";

    [Id(6)] public DateTimeOffset At { get; init; }
}
