namespace Orchestrator.Core.Failures;

/// <summary>When nodes fail and how long they are away, each on its own.</summary>
public sealed record FailureModel
{
    /// <summary>From the end of a repair to the next failure of the same node.</summary>
    public required TimeDistribution Between { get; init; }

    public required TimeDistribution Repair { get; init; }
}
