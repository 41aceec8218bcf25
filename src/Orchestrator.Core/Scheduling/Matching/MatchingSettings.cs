namespace Orchestrator.Core.Scheduling.Matching;

/// <summary>How nodes are matched with work.</summary>
public sealed record MatchingSettings
{
    /// <summary>How much a new observation counts against what was learned, 0 to 1.</summary>
    public double LearningRate { get; init; } = 0.2;
}
