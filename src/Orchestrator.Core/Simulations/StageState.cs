using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Rendering;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>Where one stage stands.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.stage-state")]
public sealed record StageState
{
    [Id(0)] public string Name { get; init; } = "";

    [Id(1)] public StageStatus Status { get; init; }

    /// <summary>Why it has this status; null where the status says it all.</summary>
    [Id(2)] public string? Reason { get; init; }

    /// <summary>The newest epoch that was ever opened; 0: none yet. It only grows: the fencing token.</summary>
    [Id(3)] public int Epoch { get; init; }

    /// <summary>The attempt that holds the newest epoch while it lives, queued ones included.</summary>
    [Id(4)] public AttemptState? Live { get; init; }

    /// <summary>The newest closed attempts, oldest first; at most <see cref="RecentMax"/>.</summary>
    [Id(5)] public ImmutableArray<AttemptState> Recent { get; init; } = [];

    /// <summary>The catalogue, oldest first; what was pruned is not in it.</summary>
    [Id(6)] public ImmutableArray<CheckpointRecord> Checkpoints { get; init; } = [];

    [Id(7)] public int RetriesUsed { get; init; }

    /// <summary>Attempts that got nodes.</summary>
    [Id(8)] public int AttemptsMade { get; init; }

    [Id(9)] public int CheckpointsMade { get; init; }

    /// <summary>Steps that were done again after a loss.</summary>
    [Id(10)] public long StepsAgain { get; init; }

    /// <summary>0 to 1, as the newest attempt has it.</summary>
    [Id(11)] public double Progress { get; init; }

    /// <summary>The most that any attempt reached.</summary>
    [Id(12)] public double ProgressMax { get; init; }

    /// <summary>The program's own step as last reported; -1: not said.</summary>
    [Id(13)] public long Step { get; init; } = -1;

    [Id(14)] public DateTimeOffset? StartedAt { get; init; }

    [Id(15)] public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The newest estimate of the whole stage; the baseline is the definition's.</summary>
    [Id(16)] public TimeSpan Estimate { get; init; }

    /// <summary>Over the closed attempts.</summary>
    [Id(17)] public ResourceUse Use { get; init; } = new();

    [Id(18)] public ImmutableArray<Artifact> Outputs { get; init; } = [];

    /// <summary>With <see cref="StageStatus.Backoff"/>: when the next attempt is opened; null while it waits for a death.</summary>
    [Id(19)] public DateTimeOffset? BackoffUntil { get; init; }

    /// <summary>Above 0: the outputs of this epoch only have to be published.</summary>
    [Id(20)] public int PublishOnlyEpoch { get; init; }

    /// <summary>The next attempt starts the stage from its beginning.</summary>
    [Id(21)] public bool FromBeginning { get; init; }

    /// <summary>The newest failure, and how often it came again at the same step; null before the first.</summary>
    [Id(22)] public StageFailure? Failure { get; init; }

    /// <summary>Nodes that could not launch it; forgotten once it started.</summary>
    [Id(23)] public ImmutableArray<NodeId> Avoid { get; init; } = [];

    /// <summary>Smoothed cost of a checkpoint; null before the first one.</summary>
    [Id(24)] public TimeSpan? CheckpointCost { get; init; }

    /// <summary>Time that programs of it ran, closed attempts only, and how many of them failed or were lost: what failure rates are learned from.</summary>
    [Id(25)] public TimeSpan Exposure { get; init; }

    [Id(26)] public int Failures { get; init; }

    /// <summary>A lost attempt that may still write shared paths; nothing is started before it was seen dead.</summary>
    [Id(27)] public LostAttempt? AwaitsDeath { get; init; }

    /// <summary>Older epochs whose reports were recorded as stale, each once; the newest few.</summary>
    [Id(28)] public ImmutableSortedSet<int> StaleEpochs { get; init; } = [];

    /// <summary>How often in a row a segment ended without a checkpoint, or its program left by itself, or took its node with it, without having got further.</summary>
    [Id(29)] public int FruitlessEnds { get; init; }

    /// <summary>Files of the live attempt's run directory that its program called usable; the newest word on each.</summary>
    [Id(30)] public ImmutableArray<Artifact> Artifacts { get; init; } = [];

    /// <summary>What a person set in place of the definition's; null: the definition holds.</summary>
    [Id(31)] public CheckpointPolicy? CheckpointPolicy { get; init; }

    /// <summary>Smoothed time from a checkpoint until it was durable; null before the first one.</summary>
    [Id(32)] public TimeSpan? CheckpointFlush { get; init; }

    /// <summary>Smoothed cost of the smaller kind; null before the first one.</summary>
    [Id(33)] public TimeSpan? SmallerCheckpointCost { get; init; }

    /// <summary>The newest failures, oldest first; at most <see cref="FaultsMax"/>. What was resolved is in the history, too.</summary>
    [Id(40)] public ImmutableArray<FailureRecord> Faults { get; init; } = [];

    /// <summary>How many failures there were: their numbering.</summary>
    [Id(41)] public long FaultsSeen { get; init; }

    /// <summary>Tries in a row after failures of its surroundings, which use no retry.</summary>
    [Id(42)] public int WaitsUsed { get; init; }

    /// <summary>What it asks for since it was reconfigured; null: what its definition says.</summary>
    [Id(43)] public ResourceRequest? Resources { get; init; }

    /// <summary>It runs with the environment of its recovery policy, too.</summary>
    [Id(44)] public bool IsReconfigured { get; init; }

    [Id(45)] public StorageWatch Storage { get; init; } = StorageWatch.None;

    /// <summary>How often it gets further.</summary>
    [Id(46)] public ProgressPace Pace { get; init; } = ProgressPace.None;

    [Id(47)] public RecoveryTally Recovery { get; init; } = RecoveryTally.None;

    /// <summary>
    /// How far it was at the furthest of the failures that <see cref="RetriesUsed"/> and <see cref="WaitsUsed"/> count: by its step, -1 where it said none; by its progress; and by its
    /// running time over all segments. A checkpoint beyond them is lasting progress.
    /// </summary>
    [Id(48)] public long TriedStep { get; init; } = -1;

    [Id(49)] public double TriedProgress { get; init; }

    [Id(50)] public TimeSpan TriedWork { get; init; }

    /// <summary>No node was left but those that had refused to launch it; forgotten once it started.</summary>
    [Id(51)] public bool IsRefusedEverywhere { get; init; }

    /// <summary>There was no room for its newest checkpoint: only what must stay is kept, and smaller ones are asked for.</summary>
    [Id(52)] public bool IsShortOfSpace { get; init; }

    /// <summary>What is kept of its edges and of its trigger, where something is: see <see cref="EdgeMark"/>.</summary>
    [Id(60)] public ImmutableArray<EdgeMark> Edges { get; init; } = [];

    /// <summary>Newest values that its own programs reported; at most <see cref="MetricsMax"/> names.</summary>
    [Id(61)] public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Of its newest program that ended; null: none did, or a signal ended it.</summary>
    [Id(62)] public int? ExitStatus { get; init; }

    /// <summary>A person holds it back; null: nobody does.</summary>
    [Id(63)] public StageHold? Hold { get; init; }

    /// <summary>Its own class of priority; absent: the simulation's.</summary>
    [Id(64)] public PriorityClass Priority { get; init; }

    /// <summary>The stage that added it while the simulation ran; null: none did.</summary>
    [Id(65)] public string? AddedBy { get; init; }

    /// <summary>The first of the stages that added it, one after the other; "": no stage did.</summary>
    [Id(66)] public string Family { get; init; } = "";

    /// <summary>How many of them there are.</summary>
    [Id(67)] public int Generation { get; init; }

    /// <summary>Checkpoints up to this epoch are of a run that was ordered to begin anew: none is restored unless a person names it.</summary>
    [Id(68)] public int RerunAfterEpoch { get; init; }

    /// <summary>A person skipped it: it stays skipped, whatever becomes of what it waits for, until an order names it.</summary>
    [Id(69)] public bool IsSkippedByOrder { get; init; }

    /// <summary>Which run of its tasks it is in, of a stage that has any: another number each time that they are told to begin anew. That of a set is the highest of its workers.</summary>
    [Id(70)] public int TaskRun { get; init; }

    /// <summary>What its programs showed of their results while they ran, in the order in which they were made; at most <see cref="PreviewRegistry.Max"/>.</summary>
    [Id(80)] public ImmutableArray<PreviewRecord> Previews { get; init; } = [];

    /// <summary>Smoothed time of a preview by its level in percent.</summary>
    [Id(81)] public ImmutableSortedDictionary<int, TimeSpan> PreviewCosts { get; init; } = ImmutableSortedDictionary<int, TimeSpan>.Empty;

    [Id(82)] public int PreviewsMade { get; init; }

    /// <summary>Attempts that are over and of which files are there, oldest first: see <see cref="RunRetention"/>.</summary>
    [Id(90)] public ImmutableArray<KeptRun> Runs { get; init; } = [];

    /// <summary>Failures up to this epoch were before a person ordered it to run again: what was done about them does not count as tried.</summary>
    [Id(100)] public int TriesAfterEpoch { get; init; }

    /// <summary>What <see cref="Exposure"/> was then: the time limit of the stage counts from there.</summary>
    [Id(101)] public TimeSpan ExposureBefore { get; init; }

    /// <summary>What a person set while an attempt held its nodes: it is asked for once that one is over. Null: nothing.</summary>
    [Id(102)] public ResourceRequest? NextResources { get; init; }

    /// <summary>The attempt whose outputs are in the results; 0: none, or a release before did not keep it.</summary>
    [Id(103)] public int PublishedEpoch { get; init; }

    /// <summary>What <see cref="RerunAfterEpoch"/> was then: the results are of the run that began behind it.</summary>
    [Id(104)] public int PublishedAfter { get; init; }

    public const int MetricsMax = 64;

    public const int FaultsMax = 8;

    public const int ArtifactsMax = 32;

    public const int RecentMax = 5;

    /// <summary>From so many on it is made to wait.</summary>
    public const int FruitlessEndsMax = 3;

    /// <summary>After so many it is given up: it would go on for ever.</summary>
    public const int FruitlessEndsHopeless = 10;

    [JsonIgnore]
    public bool IsFinal => Status >= StageStatus.Completed;

    [JsonIgnore]
    public bool HasFailed => Status is StageStatus.Failed or StageStatus.SoftFailed;
}

/// <summary>A failure, named so that the same one at the same place is known again (invariant 5).</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.stage-failure")]
public sealed record StageFailure
{
    /// <summary>What happened: <c>exit 3</c>, <c>signal 11</c>, <c>stall</c>.</summary>
    [Id(0)] public string Cause { get; init; } = "";

    [Id(1)] public long Step { get; init; } = -1;

    /// <summary>How often it came again; 0 after the first time.</summary>
    [Id(2)] public int Repeats { get; init; }
}

/// <summary>An attempt out of sight that may still be alive.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.lost-attempt")]
public sealed record LostAttempt
{
    [Id(0)] public int Epoch { get; init; }

    /// <summary>The cluster is to be asked.</summary>
    [Id(1)] public bool Look { get; init; }

    [Id(2)] public DateTimeOffset LookedAt { get; init; }

    /// <summary>Its lease was given back: the cluster only has to say when its nodes are free of it.</summary>
    [Id(3)] public bool IsReleased { get; init; }
}
