using System.Collections.Immutable;

namespace Orchestrator.Core.Checkpoints;

/// <summary>When a stage is checkpointed and how its checkpoints are found and kept.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.checkpoint-policy")]
public sealed record CheckpointPolicy
{
    [Id(0)] public CheckpointTrigger Every { get; init; } = CheckpointTrigger.Adaptive;

    /// <summary>With <see cref="CheckpointTrigger.Periodic"/>: the time between checkpoints.</summary>
    [Id(1)] public TimeSpan Interval { get; init; }

    /// <summary>The most work that may be lost, detection and flush included.</summary>
    [Id(2)] public TimeSpan MaxLoss { get; init; } = TimeSpan.FromMinutes(55);

    /// <summary>Globs, relative to the run directory, of restart files of a program that does not use the checkpoint directory.</summary>
    [Id(3)] public ImmutableArray<string> Files { get; init; } = [];

    [Id(4)] public CheckpointCompletion CompleteWhen { get; init; } = CheckpointCompletion.Rename;

    /// <summary>A command that exits 0 for a good checkpoint; <c>{path}</c> is its directory. What passed it is proven.</summary>
    [Id(5)] public string? Verify { get; init; }

    [Id(6)] public CheckpointStorage Store { get; init; } = CheckpointStorage.InPlace;

    /// <summary>Newest intact checkpoints kept; the newest proven one is always kept (invariant 6). At least 2.</summary>
    [Id(7)] public int KeepRecent { get; init; } = 3;

    /// <summary>The largest part of its time that a program may spend on checkpoints; above 0, below 1. The largest loss wins where both cannot be had.</summary>
    [Id(8)] public double OverheadMax { get; init; } = 0.02;

    /// <summary>With <see cref="CheckpointTrigger.Progress"/> and <see cref="CheckpointTrigger.Hybrid"/>: the share of the progress after which one is due.</summary>
    [Id(9)] public double ProgressDelta { get; init; } = 0.05;

    /// <summary>With <see cref="CheckpointTrigger.Event"/> and <see cref="CheckpointTrigger.Hybrid"/>: what counts; empty: everything.</summary>
    [Id(10)] public ImmutableArray<CheckpointEvent> On { get; init; } = [];

    /// <summary>What the program can write that costs less than a full one; absent: nothing.</summary>
    [Id(11)] public CheckpointKind Smaller { get; init; }

    /// <summary>Which older ones are kept beside the newest.</summary>
    [Id(12)] public RetentionPolicy Retention { get; init; } = new();

    /// <summary>The resilience level that it was made from; absent: none.</summary>
    [Id(13)] public ResilienceLevel Level { get; init; }

    /// <summary>A checkpoint is read again and compared after it was sealed, and counts only then.</summary>
    [Id(14)] public bool ReadBack { get; init; }

    /// <summary>With <see cref="CheckpointCompletion.Count"/>: how many files make one.</summary>
    [Id(15)] public int CompleteCount { get; init; }

    /// <summary>With <see cref="CheckpointCompletion.Pattern"/>: a regular expression of one line; a group named <c>step</c> tells the step.</summary>
    [Id(16)] public string? CompletePattern { get; init; }

    /// <summary>With <see cref="CheckpointCompletion.Pattern"/>: the file of the run directory that has the line; null: the standard output.</summary>
    [Id(17)] public string? CompleteIn { get; init; }
}
