using System.Collections.Immutable;

namespace Orchestrator.Core.TaskSets.Segments;

/// <summary>
/// What a worker says to a segment: these have ended, and there is room for more. It is repeated with the same sequence until it is answered, so that neither ends nor leases are
/// lost or doubled by a lost answer.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-exchange")]
public sealed record TaskExchange
{
    /// <summary>Which of the workers of the set, from 1.</summary>
    [Id(0)] public int Worker { get; init; }

    [Id(1)] public int Epoch { get; init; }

    /// <summary>From 1 for each segment and epoch; one more after each exchange of which the answer says that its sequence is taken.</summary>
    [Id(2)] public long Sequence { get; init; }

    [Id(3)] public string Node { get; init; } = "";

    /// <summary>Cores of tasks that may be given now; 0: none.</summary>
    [Id(4)] public int Cores { get; init; }

    /// <summary>All GPUs and all memory (bytes) of the worker: no task that needs more is ever given to it.</summary>
    [Id(5)] public int Gpus { get; init; }

    [Id(6)] public long Memory { get; init; }

    [Id(7)] public ImmutableArray<TaskBatchEnd> Ended { get; init; } = [];

    /// <summary>Which run of the set the worker takes part in; -1: it does not know yet.</summary>
    [Id(8)] public int Run { get; init; } = -1;

    /// <summary>GPUs of tasks that may be given now; null, of a worker of a former release: all of <see cref="Gpus"/>.</summary>
    [Id(9)] public int? FreeGpus { get; init; }

    /// <summary>Memory (bytes) of tasks that may be given now; null, of a worker of a former release: all of <see cref="Memory"/>.</summary>
    [Id(10)] public long? FreeMemory { get; init; }

    /// <summary>The worker knows of nothing that is left. Where nothing is, its attempt gets nothing of this segment any more, whatever waits again later.</summary>
    [Id(11)] public bool Closes { get; init; }
}

/// <summary>The answer.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-exchange-reply")]
public sealed record TaskExchangeReply
{
    [Id(0)] public TaskExchangeOutcome Outcome { get; init; }

    /// <summary>What was given now; null: nothing.</summary>
    [Id(1)] public TaskBatch? Given { get; init; }

    /// <summary>How often tasks of <see cref="Given"/> failed before, where they did.</summary>
    [Id(2)] public ImmutableSortedDictionary<int, int> Failures { get; init; } = ImmutableSortedDictionary<int, int>.Empty;

    [Id(3)] public TaskCounts Counts { get; init; } = new();

    /// <summary>The next exchange has the next sequence.</summary>
    [Id(4)] public bool IsTaken { get; init; }

    [Id(5)] public int Run { get; init; }

    /// <summary>A task waits for more cores than are left of the room, and what is behind it with it: none is to be taken elsewhere meanwhile.</summary>
    [Id(6)] public bool WaitsForCores { get; init; }
}

/// <summary>What became of an exchange.</summary>
[GenerateSerializer, Alias("orchestrator.task-exchange-outcome")]
public enum TaskExchangeOutcome
{
    Absent = 0,
    Accepted = 1,

    /// <summary>The sequence was taken before: what it said then counts, and what it says now must be said again.</summary>
    Repeated = 2,

    /// <summary>The attempt of the worker is over: nothing that it does counts any more.</summary>
    Over = 3,

    /// <summary>The segment does not know its tasks yet.</summary>
    Unopened = 4,
}

/// <summary>Where tasks stand.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-counts")]
public sealed record TaskCounts
{
    [Id(0)] public int Waiting { get; init; }

    /// <summary>Given to workers.</summary>
    [Id(1)] public int Given { get; init; }

    [Id(2)] public int Completed { get; init; }

    [Id(3)] public int Failed { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public int Tasks => Waiting + Given + Completed + Failed;

    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsFinished => Waiting + Given == 0;

    public static TaskCounts operator +(TaskCounts one, TaskCounts other) => new()
    {
        Waiting = one.Waiting + other.Waiting,
        Given = one.Given + other.Given,
        Completed = one.Completed + other.Completed,
        Failed = one.Failed + other.Failed,
    };
}
