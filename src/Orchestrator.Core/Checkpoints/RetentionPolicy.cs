namespace Orchestrator.Core.Checkpoints;

/// <summary>Which older checkpoints are kept beside the newest ones; 0 everywhere: none.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.retention-policy")]
public sealed record RetentionPolicy
{
    /// <summary>The newest one of each of so many days, UTC, that have one.</summary>
    [Id(0)] public int Daily { get; init; }

    /// <summary>The newest one of each of so many weeks, from Monday.</summary>
    [Id(1)] public int Weekly { get; init; }

    /// <summary>The newest one of each of so many months.</summary>
    [Id(2)] public int Monthly { get; init; }

    /// <summary>Every k-th that the stage made, the newest <see cref="EveryNthMax"/> of these; 0: none.</summary>
    [Id(3)] public int EveryNth { get; init; }

    /// <summary>All that is kept together; 0: no limit. What must be kept is kept even above it.</summary>
    [Id(4)] public long BytesMax { get; init; }

    public const int EveryNthMax = 100;
}
