namespace Orchestrator.Core.Checkpoints;

/// <summary>Checkpoints and what they cost, added up.</summary>
public sealed record CheckpointTally
{
    public int Made { get; init; }

    /// <summary>Of those of which it is known.</summary>
    public TimeSpan MeanCost { get; init; }

    /// <summary>How often a program went on from one.</summary>
    public int Restores { get; init; }
}
