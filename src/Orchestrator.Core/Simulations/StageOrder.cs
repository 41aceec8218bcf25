using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>What a person asks of one stage while the simulation runs.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.stage-order")]
public sealed record StageOrder
{
    [Id(0)] public StageVerb Verb { get; init; }

    /// <summary>Which stage; not needed to add some.</summary>
    [Id(1)] public string Stage { get; init; } = "";

    /// <summary>Who asks; kept with the order.</summary>
    [Id(2)] public string By { get; init; } = "";

    /// <summary>That person's role, as files write it; null: not known.</summary>
    [Id(3)] public string? Role { get; init; }

    [Id(4)] public string? Reason { get; init; }

    /// <summary>With <see cref="StageVerb.Add"/>.</summary>
    [Id(5)] public StageAddition? Addition { get; init; }

    /// <summary>With <see cref="StageVerb.Set"/>: completed, failed or soft-failed.</summary>
    [Id(6)] public StageStatus Status { get; init; }

    /// <summary>With <see cref="StageVerb.Change"/>: what it asks for from now on; null: as before.</summary>
    [Id(7)] public ResourceRequest? Resources { get; init; }

    /// <summary>With <see cref="StageVerb.Change"/>, of a stage that has not started; absent: as before.</summary>
    [Id(8)] public PriorityClass Priority { get; init; }

    /// <summary>With <see cref="StageVerb.Bypass"/>: the stage that it need not wait for any more.</summary>
    [Id(9)] public string From { get; init; } = "";

    /// <summary>Whoever asks controls the simulation, as its owner or as an operator: such a person alone may approve where anyone may.</summary>
    [Id(10)] public bool Controls { get; init; }

    /// <summary>With <see cref="StageVerb.Rerun"/>, of a stage that has tasks: those that completed do not run again.</summary>
    [Id(11)] public bool KeepsTasks { get; init; }

    /// <summary>With <see cref="StageVerb.Rerun"/>: it goes on from a checkpoint, and only what comes after it begins anew.</summary>
    [Id(12)] public bool FromCheckpoint { get; init; }

    /// <summary>With <see cref="StageVerb.Rerun"/>: the name of that checkpoint, which may be of a former run; null: the newest one of the present run that is whole.</summary>
    [Id(13)] public string? Checkpoint { get; init; }

    /// <summary>With <see cref="StageVerb.Change"/>: the longest time of one segment, 0 for no limit; null: as before.</summary>
    [Id(14)] public TimeSpan? Walltime { get; init; }

    /// <summary>With <see cref="StageVerb.Change"/>: how long the whole stage is thought to take, above 0; null: as before.</summary>
    [Id(15)] public TimeSpan? Duration { get; init; }

    /// <summary>With <see cref="StageVerb.Change"/>: tries after the first, 0 to 100; null: as before.</summary>
    [Id(16)] public int? Retries { get; init; }
}

/// <summary>What may be asked of a stage.</summary>
[GenerateSerializer, Alias("orchestrator.stage-verb")]
public enum StageVerb
{
    Absent = 0,
    Add = 1,

    /// <summary>Start it not, or let it leave with a checkpoint, until it is released.</summary>
    Hold = 2,
    Release = 3,

    /// <summary>It is never to run; what needs its success is skipped, too.</summary>
    Skip = 4,

    /// <summary>It counts as completed or failed, whatever became of it.</summary>
    Set = 5,

    /// <summary>It and all that come after it run again in new attempts, from their beginning or it from one of its checkpoints; what was is in the history.</summary>
    Rerun = 6,

    /// <summary>Other resources, walltime, duration or retries, in force from its next attempt on; another priority, of a stage that has not started.</summary>
    Change = 7,
    Approve = 8,

    /// <summary>It need not wait for one of its dependencies any more.</summary>
    Bypass = 9,
}
