using System.Collections.Immutable;
using Orchestrator.Core.Scenarios.Criteria;

namespace Orchestrator.Core.Tests.Scenarios;

/// <summary>Says in few words what the tests of criteria and comparisons need.</summary>
internal static class Judge
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Facts as in Facts("a", ("accuracy", 0.9)); each metric is wanted high.</summary>
    public static ScenarioFacts Facts(string id, params (string Metric, double Value)[] metrics) => new()
    {
        Id = id,
        Metrics = metrics.ToImmutableSortedDictionary(static metric => metric.Metric, static metric => metric.Value),
        Targets = [.. metrics.Select(static metric => new MetricTarget { Metric = metric.Metric, Direction = MetricDirection.Higher })],
    };

    public static ScenarioFacts Along(this ScenarioFacts facts, string metric, params double[] values) => facts with
    {
        History = [.. values.Select((value, i) => new MetricSample { Progress = (i + 1.0) / values.Length, Values = ImmutableSortedDictionary<string, double>.Empty.Add(metric, value) })],
    };

    /// <summary>All judged among each other.</summary>
    public static ImmutableArray<Assessment> Assess(params ScenarioFacts[] all) => new ScenarioEvaluator().Evaluate(all, static _ => 0.5, Noon);

    /// <summary>An assessment as if all nine criteria said so.</summary>
    public static Assessment Flat(string id, double score, string ensemble = "") => Scores(id, ensemble, [.. Enum.GetValues<Criterion>().Skip(1).Select(criterion => (criterion, score))]);

    public static Assessment Scores(string id, string ensemble = "", params (Criterion Criterion, double Score)[] scores) => new()
    {
        Scenario = id,
        Ensemble = ensemble,
        At = Noon,
        Confidence = 0.9,
        Score = scores.Average(static one => one.Score),
        Criteria = [.. scores.Select(static one => CriterionScore.Of(one.Criterion, one.Score, 0.9, "as the test says"))],
    };
}
