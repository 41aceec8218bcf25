namespace Orchestrator.Core.Scenarios.Criteria;

/// <summary>What one criterion says of one scenario.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.criterion-score")]
public sealed record CriterionScore
{
    [Id(0)] public Criterion Criterion { get; init; }

    /// <summary>0 to 1, higher is better; null: there is nothing to judge by, so that it is left out.</summary>
    [Id(1)] public double? Score { get; init; }

    /// <summary>0 to 1; 0 without a score.</summary>
    [Id(2)] public double Confidence { get; init; }

    /// <summary>Its part of the whole score, after the weights of those without data went to the others; all parts sum to 1, or are 0 without any data.</summary>
    [Id(3)] public double Weight { get; init; }

    /// <summary>From what, as a sentence for people.</summary>
    [Id(4)] public string Reason { get; init; } = "";

    public static CriterionScore Of(Criterion criterion, double score, double confidence, string reason) =>
        new() { Criterion = criterion, Score = Math.Clamp(score, 0, 1), Confidence = Math.Clamp(confidence, 0, 1), Reason = reason };

    public static CriterionScore NoData(Criterion criterion, string reason) => new() { Criterion = criterion, Reason = reason };
}
