using System.Collections.Immutable;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Workflows;

/// <summary>What is known of a stage, as far as others may depend on it.</summary>
public sealed record StageFacts
{
    public static StageFacts None { get; } = new();

    public StageStatus Status { get; init; } = StageStatus.Waiting;

    /// <summary>The most that it ever reached, 0 to 1.</summary>
    public double Progress { get; init; }

    /// <summary>Of its newest program that ended; null: none did, or a signal ended it.</summary>
    public int? ExitStatus { get; init; }

    public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Reported as usable, and published.</summary>
    public ImmutableArray<Artifact> Artifacts { get; init; } = [];

    public bool IsFinal => Status >= StageStatus.Completed;

    public bool HasFailed => Status is StageStatus.Failed or StageStatus.SoftFailed;
}
