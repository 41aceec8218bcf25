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
}
