using System.Collections.Immutable;

namespace Orchestrator.Core.Scenarios.Criteria;

/// <summary>What all criteria together say of one scenario.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.assessment")]
public sealed record Assessment
{
    /// <summary>Without any data: nothing is known.</summary>
    public const double Prior = 0.5;

    [Id(0)] public string Scenario { get; init; } = "";

    [Id(1)] public DateTimeOffset At { get; init; }

    /// <summary>0 to 1; without any data the prior 0.5.</summary>
    [Id(2)] public double Score { get; init; } = Prior;

    /// <summary>0 to 1: the weight of the criteria that had data times their confidences; 0: no data, so that nothing may be changed because of it.</summary>
    [Id(3)] public double Confidence { get; init; }

    [Id(4)] public Recommendation Recommendation { get; init; }

    /// <summary>0 to 1.</summary>
    [Id(5)] public double SuggestedPriority { get; init; }

    /// <summary>At least one, for people.</summary>
    [Id(6)] public ImmutableArray<string> Reasons { get; init; } = [];

    /// <summary>All that were asked, also those without data.</summary>
    [Id(7)] public ImmutableArray<CriterionScore> Criteria { get; init; } = [];

    /// <summary>What it was judged by.</summary>
    [Id(8)] public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>As in <see cref="ScenarioFacts.Ensemble"/>.</summary>
    [Id(9)] public string Ensemble { get; init; } = "";

    public CriterionScore? Of(Criterion criterion) => Criteria.FirstOrDefault(score => score.Criterion == criterion);
}
