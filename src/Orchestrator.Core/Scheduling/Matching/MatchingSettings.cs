namespace Orchestrator.Core.Scheduling.Matching;

/// <summary>How nodes are matched with work.</summary>
public sealed record MatchingSettings
{
    /// <summary>How much a new observation counts against what was learned, 0 to 1.</summary>
    public double LearningRate { get; init; } = 0.2;

    /// <summary>What was learned counts half after so long without a new observation; above zero.</summary>
    public TimeSpan SpeedHalfLife { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How much a learned speed counts against a closer fit: 0, not at all, to 100; with 1 a node that is twice as fast is worth one that is twice as large.</summary>
    public double SpeedWeight { get; init; } = 1;
}
