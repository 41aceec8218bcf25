using System.Collections.Immutable;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Rendering;
using Orchestrator.Core.TaskSets.Segments;

namespace Orchestrator.Core.Workflows;

/// <summary>
/// One stage. Commands are shell lines; the agent replaces what is known only at launch:
/// <c>{restore}</c> (directory of the restored checkpoint), <c>{stage.NAME}</c> (published outputs of a stage),
/// <c>{run}</c> (run directory), <c>{ranks}</c>, <c>{nodes}</c>, <c>{hostfile}</c>, <c>{epoch}</c>.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.stage-definition")]
public sealed record StageDefinition
{
    /// <summary>1 to 60 of a-z, A-Z, 0-9, '_' and '-'; unique in the simulation.</summary>
    [Id(0)] public string Name { get; init; } = "";

    [Id(1)] public string Run { get; init; } = "";

    /// <summary>Used instead of <see cref="Run"/> when a checkpoint is restored; null: the same command resumes by itself.</summary>
    [Id(2)] public string? Restart { get; init; }

    [Id(3)] public ResourceRequest Resources { get; init; } = new();

    /// <summary>The baseline estimate of the whole stage, as submitted.</summary>
    [Id(4)] public TimeSpan EstimatedDuration { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Longest time one segment may run; at its end the stage goes on from a checkpoint. Null: no limit.</summary>
    [Id(5)] public TimeSpan? Walltime { get; init; }

    [Id(6)] public ImmutableArray<Dependency> After { get; init; } = [];

    /// <summary>Files, relative to the run directory, that must exist when it completes; they are published.</summary>
    [Id(7)] public ImmutableArray<string> Outputs { get; init; } = [];

    [Id(8)] public CheckpointPolicy Checkpoint { get; init; } = new();

    [Id(9)] public RetryPolicy Retry { get; init; } = new();

    /// <summary>Exit status to meaning, beside the built-in ones (0 success, 85 continue me).</summary>
    [Id(10)] public ImmutableSortedDictionary<int, ExitMeaning> OnExit { get; init; } = ImmutableSortedDictionary<int, ExitMeaning>.Empty;

    [Id(11)] public ImmutableSortedDictionary<string, string> Environment { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    [Id(12)] public SignalPolicy? Signals { get; init; }

    /// <summary>Time between the request to leave (TERM) and KILL.</summary>
    [Id(13)] public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>True when it writes outside its run directory: it is started again only once the old attempt was seen dead.</summary>
    [Id(14)] public bool WritesSharedPaths { get; init; }

    /// <summary>A running stage without progress for so long has stalled; null: judged by how often it got further before (<see cref="ProgressPace"/>).</summary>
    [Id(15)] public TimeSpan? StallAfter { get; init; }

    /// <summary>What kind of work it is, for what is learned of kinds; "": campaign and stage name it.</summary>
    [Id(16)] public string JobType { get; init; } = "";

    /// <summary>It draws much power for what it is; such work is put off first when energy is dear.</summary>
    [Id(17)] public bool EnergyIntensive { get; init; }

    /// <summary>
    /// Files, relative to the run directory, that the program only ever appends to. A checkpoint records their length, and a restart from it finds them as they were then.
    /// </summary>
    [Id(18)] public ImmutableArray<string> Appends { get; init; } = [];

    /// <summary>What is done after failures.</summary>
    [Id(20)] public RecoveryPolicy Recovery { get; init; } = new();

    /// <summary>What it does; absent: it runs its command.</summary>
    [Id(21)] public StageKind Kind { get; init; }

    /// <summary>How many of its dependencies it needs; absent: all.</summary>
    [Id(22)] public JoinRule Join { get; init; }

    /// <summary>With <see cref="JoinRule.Any"/>: so many of them; below 1: one.</summary>
    [Id(23)] public int JoinCount { get; init; }

    /// <summary>What starts it once its dependencies are satisfied; null: nothing else is needed.</summary>
    [Id(24)] public StageTrigger? Trigger { get; init; }

    /// <summary>It is a worker of these tasks, and <see cref="Run"/> is <see cref="TaskSetDefinition.WorkerProgram"/>; null: it has none.</summary>
    [Id(25)] public TaskSetDefinition? Tasks { get; init; }

    /// <summary>Its program can show a preview of its result while it runs; null: it is not known to.</summary>
    [Id(30)] public PreviewPolicy? Preview { get; init; }

    /// <summary>How many run directories of attempts that are over stay, the newest; below 0: all; null: 2 where outputs or append outputs are declared, else all.</summary>
    [Id(40)] public int? KeepRuns { get; init; }

    /// <summary>Of how many attempts the logs stay, the newest; below 0: of all; null: of 20.</summary>
    [Id(41)] public int? KeepLogs { get; init; }

    /// <summary>What is done when it uses more of its node than it declared; absent: it is noted.</summary>
    [Id(42)] public ExcessAction OnExcess { get; init; }

    /// <summary>Names of what it reads, sorted: of the nodes that fit, those are taken first that hold all of it.</summary>
    [Id(43)] public ImmutableArray<string> Data { get; init; } = [];
}
