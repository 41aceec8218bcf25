using System.Collections.Immutable;
using Orchestrator.Core.Scenarios.Criteria;

namespace Orchestrator.Core.Scenarios.Comparing;

/// <summary>Two scenarios against each other.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.scenario-comparison")]
public sealed record ScenarioComparison
{
    [Id(0)] public string One { get; init; } = "";

    [Id(1)] public string Other { get; init; } = "";

    [Id(2)] public ComparisonMethod Method { get; init; }

    /// <summary>-1 to 1; above 0: the first is better.</summary>
    [Id(3)] public double Difference { get; init; }

    /// <summary>0 to 1: the lower of both, times the weight of the criteria that both have.</summary>
    [Id(4)] public double Confidence { get; init; }

    [Id(5)] public ImmutableArray<CriterionDifference> Criteria { get; init; } = [];

    /// <summary>What follows, as a sentence for people.</summary>
    [Id(6)] public string Recommendation { get; init; } = "";

    [Id(7)] public DateTimeOffset At { get; init; }

    /// <summary>Why they are not compared; null: they are.</summary>
    [Id(8)] public string? Refusal { get; init; }

    /// <summary>The better one when the difference is above 0.2 with a confidence above 0.7; null: no clear winner.</summary>
    public string? Winner => ClearWinner(Difference, Confidence) switch
    {
        > 0 => One,
        < 0 => Other,
        _ => null,
    };

    /// <summary>1: the first, -1: the second, 0: neither is clearly better.</summary>
    public static int ClearWinner(double difference, double confidence) => Math.Abs(difference) > 0.2 && confidence > 0.7 ? Math.Sign(difference) : 0;

    /// <summary>The same seen from the other side.</summary>
    public ScenarioComparison Turned() => this with
    {
        One = Other,
        Other = One,
        Difference = -Difference,
        Criteria = [.. Criteria.Select(static one => one with { One = one.Other, Other = one.One })],
        Recommendation = Refusal is null ? ScenarioComparer.Wording(Other, One, -Difference, Confidence) : Recommendation,
    };
}

/// <summary>Two scenarios by one criterion.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.criterion-difference")]
public sealed record CriterionDifference
{
    [Id(0)] public Criterion Criterion { get; init; }

    /// <summary>Scores, 0 to 1.</summary>
    [Id(1)] public double One { get; init; }

    [Id(2)] public double Other { get; init; }

    public double Difference => One - Other;
}
