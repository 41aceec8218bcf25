using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Checkpoints;

/// <summary>One entry of the checkpoint catalogue of a stage. It is restorable only once the catalogue that holds it is stored.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.checkpoint-record")]
public sealed record CheckpointRecord
{
    /// <summary>Unique in the stage: epoch and the program's own name, <c>e3/step-00001600</c>.</summary>
    [Id(0)] public string Name { get; init; } = "";

    [Id(1)] public AttemptId Attempt { get; init; }

    /// <summary>Where its manifest is, relative to the data directory.</summary>
    [Id(2)] public string Path { get; init; } = "";

    /// <summary>The program's own step; -1 when it did not say.</summary>
    [Id(3)] public long Step { get; init; } = -1;

    /// <summary>0 to 1; -1 when unknown.</summary>
    [Id(4)] public double Progress { get; init; } = -1;

    [Id(5)] public DateTimeOffset TakenAt { get; init; }

    /// <summary>From the first write to the rename: what the program paid.</summary>
    [Id(6)] public TimeSpan Cost { get; init; }

    [Id(7)] public long Bytes { get; init; }

    /// <summary>SHA-256 of the manifest, lower-case hexadecimal.</summary>
    [Id(8)] public string ManifestHash { get; init; } = "";

    [Id(9)] public CheckpointStatus Status { get; init; } = CheckpointStatus.Intact;

    /// <summary>Running time of the stage, over all its segments, that this checkpoint carries.</summary>
    [Id(10)] public TimeSpan WorkSaved { get; init; }

    /// <summary>From the rename until it was durable and sealed, beside the running program.</summary>
    [Id(11)] public TimeSpan Flush { get; init; }

    [Id(12)] public CheckpointKind Kind { get; init; } = CheckpointKind.Full;

    /// <summary>A person wants it kept: retention leaves it alone.</summary>
    [Id(13)] public bool Pinned { get; init; }

    /// <summary>Its number among all that the stage made, from 1; 0: made before numbers were given.</summary>
    [Id(14)] public int Number { get; init; }

    /// <summary>Of a failed one, why; null of others.</summary>
    [Id(15)] public string? Reason { get; init; }

    /// <summary>How often an attempt went on from it.</summary>
    [Id(16)] public int Restores { get; init; }

    /// <summary>When that was last; null: never.</summary>
    [Id(17)] public DateTimeOffset? RestoredAt { get; init; }

    /// <summary>A person had the stage go on from an earlier one: it is restored only when somebody names it. It stays as long as retention keeps it.</summary>
    [Id(18)] public bool PassedOver { get; init; }
}
