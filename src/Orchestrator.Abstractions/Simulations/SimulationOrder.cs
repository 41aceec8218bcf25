using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Abstractions.Simulations;

/// <summary>What a person or the scheduler asks of a simulation.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.simulation-order")]
public sealed record SimulationOrder
{
    [Id(0)] public SimulationVerb Verb { get; init; }

    /// <summary>Why, in the caller's words; kept with the order.</summary>
    [Id(1)] public string? Reason { get; init; }

    /// <summary>The stage that it is about; null: all. Orders about one checkpoint need it.</summary>
    [Id(2)] public string? Stage { get; init; }

    /// <summary>The checkpoint that it is about, by its name in the catalogue.</summary>
    [Id(3)] public string? Checkpoint { get; init; }

    /// <summary>With <see cref="SimulationVerb.PruneCheckpoints"/>: how many of the newest stay.</summary>
    [Id(4)] public int Keep { get; init; }

    /// <summary>With <see cref="SimulationVerb.ChangeCheckpointPolicy"/>.</summary>
    [Id(5)] public CheckpointPolicy? Policy { get; init; }

    /// <summary>With <see cref="SimulationVerb.Promise"/>: 0 to 1; null: what it was submitted with holds again.</summary>
    [Id(6)] public double? Promise { get; init; }

    /// <summary>With <see cref="SimulationVerb.Share"/>: the share of its scenario; null: none any more.</summary>
    [Id(7)] public ScenarioShare? Share { get; init; }

    /// <summary>With <see cref="SimulationVerb.Checkpoint"/>: when; null: now.</summary>
    [Id(10)] public DateTimeOffset? At { get; init; }

    /// <summary>With <see cref="SimulationVerb.ReportFailure"/>.</summary>
    [Id(11)] public FailureReport? Failure { get; init; }

    /// <summary>With <see cref="SimulationVerb.EndRecovery"/>: which failure of the stage.</summary>
    [Id(12)] public long Number { get; init; }

    /// <summary>With <see cref="SimulationVerb.EndRecovery"/>.</summary>
    [Id(13)] public RecoveryEnding Ending { get; init; }

    /// <summary>With <see cref="SimulationVerb.Pause"/> and <see cref="SimulationVerb.Resume"/>: the scenario set whose steering asks; null: a person does, whose word goes before.</summary>
    [Id(14)] public ScenarioId? SteeredBy { get; init; }

    /// <summary>With <see cref="SimulationVerb.Preview"/>: 1 to 100 percent; 0: by the progress.</summary>
    [Id(30)] public int Level { get; init; }

    /// <summary>Who asks; of a call through the gateway its caller, whatever is said here.</summary>
    [Id(15)] public string? By { get; init; }

    /// <summary>With <see cref="SimulationVerb.CleanRuns"/>: the newest run directory of stages that have ended goes, too.</summary>
    [Id(20)] public bool All { get; init; }
}

/// <summary>What may be asked.</summary>
[GenerateSerializer, Alias("orchestrator.simulation-verb")]
public enum SimulationVerb
{
    Absent = 0,

    /// <summary>Ask what runs to leave, start nothing more, end as cancelled.</summary>
    Cancel = 1,

    /// <summary>Ask what runs to leave with a checkpoint, start nothing more until resumed.</summary>
    Pause = 2,
    Resume = 3,

    /// <summary>Every running attempt makes a checkpoint now and goes on.</summary>
    Checkpoint = 4,

    /// <summary>
    /// An operator answers for it that attempts which were lost, and write shared paths, no longer run anywhere: their stages start again.
    /// </summary>
    DeclareDead = 5,

    /// <summary>A checkpoint stays whatever retention says.</summary>
    PinCheckpoint = 6,
    UnpinCheckpoint = 7,

    /// <summary>Only the newest checkpoints stay, and what always does.</summary>
    PruneCheckpoints = 8,

    /// <summary>Its bytes are not what they were: it is never restored.</summary>
    DistrustCheckpoint = 9,
    ChangeCheckpointPolicy = 10,

    /// <summary>What its scenario promises from now on: the scheduler counts with it.</summary>
    Promise = 11,

    /// <summary>By which share its scenario divides what its set gets, from now on: the scheduler deals by it.</summary>
    Share = 12,

    /// <summary>A person saw a failure of a stage.</summary>
    ReportFailure = 21,

    /// <summary>A person says how a recovery went.</summary>
    EndRecovery = 22,

    /// <summary>What runs and can, or one stage of it, writes a preview of its result.</summary>
    Preview = 30,

    /// <summary>Run directories of attempts that are over go; logs, checkpoints and published outputs stay.</summary>
    CleanRuns = 40,

    /// <summary>Checkpoints that were wanted for later are not wanted any more.</summary>
    UnscheduleCheckpoints = 41,
}
