using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Rendering;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.TaskSets.Segments;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Abstractions.Simulations;

/// <summary>A stage as people see it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.stage-view")]
public sealed record StageView
{
    [Id(0)] public string Name { get; init; } = "";

    [Id(1)] public StageStatus Status { get; init; }

    /// <summary>Why it has this status; for one that waits: for what.</summary>
    [Id(2)] public string? Reason { get; init; }

    [Id(3)] public ImmutableArray<Dependency> After { get; init; } = [];

    /// <summary>0 to 1.</summary>
    [Id(4)] public double Progress { get; init; }

    /// <summary>The program's own step; -1: not said.</summary>
    [Id(5)] public long Step { get; init; } = -1;

    /// <summary>The newest epoch; 0: none yet.</summary>
    [Id(6)] public int Epoch { get; init; }

    /// <summary>Tries so far that used a retry.</summary>
    [Id(7)] public int RetriesUsed { get; init; }

    /// <summary>All attempts that were started, closed ones included.</summary>
    [Id(8)] public int Attempts { get; init; }

    /// <summary>Checkpoints committed over all attempts, pruned ones included.</summary>
    [Id(9)] public int CheckpointsMade { get; init; }

    /// <summary>Steps that were done again after a loss.</summary>
    [Id(10)] public long StepsAgain { get; init; }

    /// <summary>Nodes of the live attempt, lead first.</summary>
    [Id(11)] public ImmutableArray<NodeId> Nodes { get; init; } = [];

    /// <summary>The newest attempts, oldest first; older ones are in the history.</summary>
    [Id(12)] public ImmutableArray<AttemptView> RecentAttempts { get; init; } = [];

    /// <summary>The catalogue, newest first.</summary>
    [Id(13)] public ImmutableArray<CheckpointRecord> Checkpoints { get; init; } = [];

    [Id(14)] public DateTimeOffset? StartedAt { get; init; }

    [Id(15)] public DateTimeOffset? EndedAt { get; init; }

    /// <summary>As submitted: the baseline.</summary>
    [Id(16)] public TimeSpan BaselineDuration { get; init; }

    /// <summary>The newest estimate of the whole stage.</summary>
    [Id(17)] public TimeSpan EstimatedDuration { get; init; }

    [Id(18)] public ResourceUse Use { get; init; } = new();

    [Id(19)] public ImmutableArray<Artifact> Outputs { get; init; } = [];

    /// <summary>While it is queued: what the cluster says.</summary>
    [Id(20)] public LeaseStatus? Queue { get; init; }

    /// <summary>When the next checkpoint is ordered; null: none is planned.</summary>
    [Id(21)] public DateTimeOffset? NextCheckpointAt { get; init; }

    /// <summary>The interval between checkpoints in force; null: none is planned.</summary>
    [Id(22)] public TimeSpan? CheckpointInterval { get; init; }

    /// <summary>Files of the live attempt's run directory that its program called usable.</summary>
    [Id(23)] public ImmutableArray<Artifact> Artifacts { get; init; } = [];

    /// <summary>How it is checkpointed by what is known of it, as a sentence.</summary>
    [Id(24)] public string? CheckpointPlan { get; init; }

    /// <summary>What was given up where its checkpoint limits contradict each other, with the price; null: nothing.</summary>
    [Id(25)] public string? CheckpointConflict { get; init; }

    /// <summary>The checkpoint policy in force.</summary>
    [Id(26)] public CheckpointPolicy CheckpointPolicy { get; init; } = new();

    /// <summary>What it does; absent: it runs its command.</summary>
    [Id(30)] public StageKind Kind { get; init; }

    /// <summary>Where its dependencies stand, in the order of <see cref="After"/>.</summary>
    [Id(31)] public ImmutableArray<EdgeView> Edges { get; init; } = [];

    /// <summary>Newest values that its programs reported.</summary>
    [Id(32)] public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Of its newest program that ended; null: none did, or a signal ended it.</summary>
    [Id(33)] public int? ExitStatus { get; init; }

    /// <summary>Who holds it back; null: nobody does.</summary>
    [Id(34)] public StageHold? Hold { get; init; }

    /// <summary>The stage that added it while the simulation ran; null: none did.</summary>
    [Id(35)] public string? AddedBy { get; init; }

    /// <summary>Its own class of priority; absent: the simulation's.</summary>
    [Id(36)] public PriorityClass Priority { get; init; }

    /// <summary>What starts it once its dependencies are satisfied; null: nothing else is needed.</summary>
    [Id(38)] public StageTrigger? Trigger { get; init; }

    /// <summary>What one attempt of it asks for.</summary>
    [Id(37)] public ResourceRequest Resources { get; init; } = new();

    /// <summary>It is a worker of these tasks; null: it has none.</summary>
    [Id(39)] public TaskSetDefinition? Tasks { get; init; }

    /// <summary>Which run of its tasks it is in.</summary>
    [Id(40)] public int TaskRun { get; init; }

    /// <summary>Run directories that <c>clean</c> leaves alone, and why; it removes those of all others up to <see cref="Epoch"/>.</summary>
    [Id(61)] public ImmutableArray<HeldRun> HeldRuns { get; init; } = [];

    /// <summary>What kind of work it is, for what is learned of kinds.</summary>
    [Id(41)] public string JobType { get; init; } = "";

    /// <summary>What its programs showed of their results while they ran: the best one first, of equal ones the newest.</summary>
    [Id(50)] public ImmutableArray<PreviewRecord> Previews { get; init; } = [];

    /// <summary>How often it is asked for previews; null: its program is not known to make any.</summary>
    [Id(51)] public PreviewPolicy? Preview { get; init; }

    /// <summary>When the next preview is ordered; null: none is planned.</summary>
    [Id(52)] public DateTimeOffset? NextPreviewAt { get; init; }

    /// <summary>The part of its time, 0 to 1, that the previews take that are planned, by what is known of their cost.</summary>
    [Id(53)] public double PreviewOverhead { get; init; }

    /// <summary>How long it has run of what counts: what was lost, and what is done again, is not in it.</summary>
    [Id(60)] public TimeSpan WorkDone { get; init; }

    /// <summary>What was set while an attempt runs, and is asked for once that one is over; null: nothing.</summary>
    [Id(70)] public ResourceRequest? NextResources { get; init; }

    /// <summary>Longest time of one segment; null: no limit.</summary>
    [Id(71)] public TimeSpan? Walltime { get; init; }

    /// <summary>Tries after the first.</summary>
    [Id(72)] public int RetriesMax { get; init; }
}

/// <summary>A dependency as people see it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.edge-view")]
public sealed record EdgeView
{
    /// <summary>The stage that is waited for.</summary>
    [Id(0)] public string From { get; init; } = "";

    [Id(1)] public DependencyKind Kind { get; init; }

    [Id(2)] public EdgeState State { get; init; }

    /// <summary>What it waits for, or why it is broken; null where it is satisfied.</summary>
    [Id(3)] public string? Why { get; init; }

    /// <summary>Who approved or bypassed it, when and why; null: nobody did.</summary>
    [Id(4)] public EdgeMark? Mark { get; init; }
}

/// <summary>One attempt as people see it, and as the history keeps it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.attempt-view")]
public sealed record AttemptView
{
    [Id(0)] public AttemptId Attempt { get; init; }

    [Id(1)] public ImmutableArray<NodeId> Nodes { get; init; } = [];

    [Id(2)] public DateTimeOffset? QueuedAt { get; init; }

    [Id(3)] public DateTimeOffset? GrantedAt { get; init; }

    [Id(4)] public DateTimeOffset? StartedAt { get; init; }

    [Id(5)] public DateTimeOffset? EndedAt { get; init; }

    /// <summary><see cref="AttemptEnd.Absent"/> while it lives.</summary>
    [Id(6)] public AttemptEnd End { get; init; }

    /// <summary>Why it ended, as a sentence.</summary>
    [Id(7)] public string? Reason { get; init; }

    /// <summary>The checkpoint it went on from; null: from the beginning.</summary>
    [Id(8)] public string? Restored { get; init; }

    /// <summary>The step it went on from and the last one it reported; -1: not said.</summary>
    [Id(9)] public long FirstStep { get; init; } = -1;

    [Id(10)] public long LastStep { get; init; } = -1;

    [Id(11)] public int? ExitStatus { get; init; }

    [Id(12)] public ResourceUse Use { get; init; } = new();
}
