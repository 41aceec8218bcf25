namespace Orchestrator.Core.Scenarios.Comparing;

/// <summary>The place of one scenario among many.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.ranked-scenario")]
public sealed record RankedScenario
{
    [Id(0)] public string Scenario { get; init; } = "";

    /// <summary>From 1; equal scores share a rank. 0: there is no data of it, so that it is not ranked.</summary>
    [Id(1)] public int Rank { get; init; }

    /// <summary>0 to 1, of the best 1 unless all are equal; without data 0.5.</summary>
    [Id(2)] public double Score { get; init; }

    [Id(3)] public double Confidence { get; init; }
}
