using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Rendering;

namespace Orchestrator.Core.Simulations;

/// <summary>
/// What an agent says of an attempt that it leads. Reports of one attempt are numbered from 1 without gaps, over restarts of the agent too, and delivered in order;
/// a repeat changes nothing, and a report of an epoch that is not the stage's newest is recorded as stale and changes nothing (invariant 2).
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.attempt-report")]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Started), "started")]
[JsonDerivedType(typeof(Progressed), "progressed")]
[JsonDerivedType(typeof(Checkpointed), "checkpointed")]
[JsonDerivedType(typeof(Verified), "verified")]
[JsonDerivedType(typeof(Exited), "exited")]
[JsonDerivedType(typeof(Published), "published")]
[JsonDerivedType(typeof(LaunchRefused), "launch-refused")]
[JsonDerivedType(typeof(Announced), "announced")]
[JsonDerivedType(typeof(CheckpointFailed), "checkpoint-failed")]
[JsonDerivedType(typeof(UsesMore), "uses-more")]
public abstract record AttemptReport
{
    private AttemptReport()
    {
    }

    [Id(0)] public AttemptId Attempt { get; init; }

    /// <summary>The node of the agent that reports, which is the lead.</summary>
    [Id(1)] public NodeId Node { get; init; }

    /// <summary>From 1, per attempt.</summary>
    [Id(2)] public long Sequence { get; init; }

    /// <summary>By the agent's clock; for people only, never compared with the silo's.</summary>
    [Id(3)] public DateTimeOffset At { get; init; }

    /// <summary>The program runs.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.attempt-report.started")]
    public sealed record Started : AttemptReport
    {
        /// <summary>The checkpoint it went on from; null: from the beginning.</summary>
        [Id(0)] public string? Restored { get; init; }

        /// <summary>Checkpoints that were tried before and whose bytes do not match their manifest.</summary>
        [Id(1)] public ImmutableArray<string> Damaged { get; init; } = [];

        /// <summary>The leader of the process group on the lead node.</summary>
        [Id(2)] public int ProcessId { get; init; }

        /// <summary>Checkpoints that were tried before and whose bytes the file system does not give there, which says nothing of the bytes.</summary>
        [Id(3)] public ImmutableArray<string> Unreadable { get; init; } = [];
    }

    /// <summary>The program said how far it is.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.attempt-report.progressed")]
    public sealed record Progressed : AttemptReport
    {
        /// <summary>0 to 1; null: not said.</summary>
        [Id(0)] public double? Progress { get; init; }

        [Id(1)] public long? Step { get; init; }

        [Id(2)] public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

        [Id(3)] public ImmutableArray<Artifact> Artifacts { get; init; } = [];

        /// <summary>Use of the attempt so far.</summary>
        [Id(4)] public ResourceUse? Use { get; init; }

        /// <summary>Which of the files are previews.</summary>
        [Id(5)] public ImmutableArray<PreviewRecord> Previews { get; init; } = [];
    }

    /// <summary>A checkpoint is in place, with its manifest.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.attempt-report.checkpointed")]
    public sealed record Checkpointed : AttemptReport
    {
        [Id(0)] public CheckpointRecord Checkpoint { get; init; } = new();

        /// <summary>The order that it answers; 0: the program made it by itself.</summary>
        [Id(1)] public long Order { get; init; }

        /// <summary>Why the store has no room for it, so that it stays where the program left it; null: it has, or was not asked.</summary>
        [Id(2)] public string? NoRoom { get; init; }
    }

    /// <summary>What the program called a checkpoint is none: it could not be read, or made durable. The program runs on.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.attempt-report.checkpoint-failed")]
    public sealed record CheckpointFailed : AttemptReport
    {
        /// <summary>The name that it would have in the catalogue.</summary>
        [Id(0)] public string Checkpoint { get; init; } = "";

        /// <summary>One sentence for people.</summary>
        [Id(1)] public string Reason { get; init; } = "";

        /// <summary>A disk or a quota is full: making room helps.</summary>
        [Id(2)] public bool IsNoRoom { get; init; }

        /// <summary>The program's own step; -1 when it did not say.</summary>
        [Id(3)] public long Step { get; init; } = -1;

        /// <summary>Of the manifest that it would have, as of any other: where its files are found once they are to go.</summary>
        [Id(4)] public string Path { get; init; } = "";
    }

    /// <summary>It uses more of the lead's node than was declared for it; said once for each resource.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.attempt-report.uses-more")]
    public sealed record UsesMore : AttemptReport
    {
        [Id(0)] public ResourceExcess Excess { get; init; } = new();
    }

    /// <summary>The verify command judged a checkpoint.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.attempt-report.verified")]
    public sealed record Verified : AttemptReport
    {
        /// <summary>The name of the checkpoint in the catalogue.</summary>
        [Id(0)] public string Checkpoint { get; init; } = "";

        [Id(1)] public bool Passed { get; init; }
    }

    /// <summary>The process group is gone.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.attempt-report.exited")]
    public sealed record Exited : AttemptReport
    {
        /// <summary>Null when a signal ended it, or when the exit record is missing (the machine went down).</summary>
        [Id(0)] public int? ExitStatus { get; init; }

        /// <summary>The number of the signal; null when there was none.</summary>
        [Id(1)] public int? Signal { get; init; }

        /// <summary>It had been asked to leave before it exited.</summary>
        [Id(2)] public bool AskedToLeave { get; init; }

        /// <summary>Declared outputs that are not in the run directory.</summary>
        [Id(3)] public ImmutableArray<string> MissingOutputs { get; init; } = [];

        /// <summary>The last progress the program said; -1: none.</summary>
        [Id(4)] public double Progress { get; init; } = -1;

        [Id(5)] public ResourceUse Use { get; init; } = new();

        /// <summary>Why it was asked to leave.</summary>
        [Id(6)] public StopReason Asked { get; init; }

        /// <summary>The last lines of its standard error, at most 2,000 characters, for whoever reads of the failure.</summary>
        [Id(7)] public string? LastWords { get; init; }
    }

    /// <summary>The outputs are in the stage's results; only after the reply to <see cref="Exited"/> asked for it.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.attempt-report.published")]
    public sealed record Published : AttemptReport
    {
        [Id(0)] public ImmutableArray<Artifact> Outputs { get; init; } = [];
    }

    /// <summary>The program wrote stages to its progress file, which are to be added.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.attempt-report.announced")]
    public sealed record Announced : AttemptReport
    {
        /// <summary>What it wrote, as JSON in the words of the campaign file: <c>stages</c> and <c>edges</c>. The gateway reads it.</summary>
        [Id(0)] public string Text { get; init; } = "";

        /// <summary>What the gateway read.</summary>
        [Id(1)] public StageAddition Addition { get; init; } = new();

        /// <summary>Why the gateway could not read it, as sentences; empty: it could.</summary>
        [Id(2)] public ImmutableArray<string> Problems { get; init; } = [];
    }

    /// <summary>The program was not started; nothing of it ran.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.attempt-report.launch-refused")]
    public sealed record LaunchRefused : AttemptReport
    {
        /// <summary>One sentence for people.</summary>
        [Id(0)] public string Reason { get; init; } = "";

        /// <summary>Another node may do better: the reason lies in this one.</summary>
        [Id(1)] public bool NodeAtFault { get; init; }
    }
}
