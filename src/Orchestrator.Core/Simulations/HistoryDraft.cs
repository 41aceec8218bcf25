using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Simulations;

/// <summary>A row for the history: one of an attempt that is over, a checkpoint that was pruned, an estimate that was made, a failure that was resolved.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.history-draft")]
public sealed record HistoryDraft
{
    [Id(0)] public long Sequence { get; init; }

    [Id(1)] public DateTimeOffset At { get; init; }

    [Id(2)] public string Stage { get; init; } = "";

    [Id(3)] public AttemptState? Attempt { get; init; }

    [Id(4)] public CheckpointRecord? Checkpoint { get; init; }

    [Id(5)] public StageEstimate? Estimate { get; init; }

    [Id(6)] public FailureRecord? Failure { get; init; }
}

/// <summary>What a stage was expected to take, and what was known when it was said; the baseline is the one with the smallest <see cref="Made"/>.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.stage-estimate")]
public sealed record StageEstimate
{
    [Id(0)] public SimulationId Simulation { get; init; }

    [Id(1)] public string Stage { get; init; } = "";

    [Id(2)] public DateTimeOffset Made { get; init; }

    /// <summary>Of the whole stage.</summary>
    [Id(3)] public TimeSpan Duration { get; init; }

    [Id(4)] public TimeSpan Baseline { get; init; }

    /// <summary>0 to 1, when it was made; 1: this is what it took.</summary>
    [Id(5)] public double Progress { get; init; }
}
