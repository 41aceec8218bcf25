using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Core.Scenarios.Criteria;

/// <summary>
/// Judges scenarios by weighted criteria. A criterion without data is left out and its weight goes to the others in proportion; without any the score is the prior 0.5 with
/// confidence 0 and the suggested priority is the present one.
/// <list type="table">
/// <item><term>score 0.8 and more</term><description>continue, priority + 0.2</description></item>
/// <item><term>0.5 and more</term><description>continue</description></item>
/// <item><term>0.3 and more</term><description>adjust, priority - 0.1</description></item>
/// <item><term>less</term><description>deprioritize, priority - 0.3</description></item>
/// </list>
/// </summary>
public sealed class ScenarioEvaluator
{
    private readonly ImmutableArray<ICriterionEvaluator> evaluators;
    private readonly ImmutableSortedDictionary<Criterion, double> weights;

    /// <summary>The nine criteria by default; an evaluator of the caller takes the place of the one for its criterion.</summary>
    /// <exception cref="ArgumentException">A weight is negative or not finite, or none is above 0.</exception>
    public ScenarioEvaluator(IEnumerable<ICriterionEvaluator>? replacing = null, ImmutableSortedDictionary<Criterion, double>? weights = null)
    {
        this.weights = weights ?? CriterionWeights.Evaluation;
        if (CriterionWeights.Problems(this.weights).ToList() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(' ', problems), nameof(weights));
        }

        var own = replacing?.ToList() ?? [];
        evaluators = [.. StandardCriteria.All.Where(standard => own.All(one => one.Criterion != standard.Criterion)).Concat(own).OrderBy(static one => one.Criterion)];
    }

    /// <summary>What each criterion counts, before any is left out; the weights by default sum to 1.</summary>
    public ImmutableSortedDictionary<Criterion, double> Weights => weights;

    /// <summary>Judges all, in their order.</summary>
    public ImmutableArray<Assessment> Evaluate(IReadOnlyList<ScenarioFacts> all, Func<string, double> priorityOf, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(all);
        ArgumentNullException.ThrowIfNull(priorityOf);
        var field = new ScenarioField(all);
        return [.. all.Select(facts => Evaluate(facts, field, priorityOf(facts.Id), now))];
    }

    /// <summary>Judges one among all, itself included.</summary>
    public Assessment Evaluate(ScenarioFacts facts, ScenarioField field, double priority, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(field);
        var scores = evaluators.Select(evaluator => Checked(evaluator, facts, field)).ToList();
        var known = scores.Where(score => score.Score is not null && WeightOf(score) > 0).Sum(WeightOf);
        var sum = weights.Values.Sum();
        var weighted = scores.Select(score => score with { Weight = score.Score is null || !(known > 0) ? 0 : WeightOf(score) / known }).ToImmutableArray();
        var confidence = known > 0 ? weighted.Sum(static score => score.Weight * score.Confidence) * (known / sum) : 0;
        var assessment = new Assessment
        {
            Scenario = facts.Id,
            Ensemble = facts.Ensemble,
            At = now,
            Criteria = weighted,
            Metrics = facts.Metrics,
            Confidence = Math.Clamp(confidence, 0, 1),
        };
        if (!(confidence > 0))
        {
            return assessment with
            {
                Recommendation = Recommendation.Continue,
                SuggestedPriority = Math.Clamp(priority, 0, 1),
                Reasons = ["There is no data yet: the score is the prior 0.5 with confidence 0, and changes no priority.", .. Problems(facts)],
            };
        }

        var score = Math.Clamp(weighted.Sum(static one => one.Weight * (one.Score ?? 0)), 0, 1);
        var (recommendation, change) = score switch
        {
            >= 0.8 => (Recommendation.Continue, 0.2),
            >= 0.5 => (Recommendation.Continue, 0),
            >= 0.3 => (Recommendation.Adjust, -0.1),
            _ => (Recommendation.Deprioritize, -0.3),
        };
        return assessment with
        {
            Score = score,
            Recommendation = recommendation,
            SuggestedPriority = Math.Clamp(priority + change, 0, 1),
            Reasons = Reasons(weighted, score, facts),
        };
    }

    private static ImmutableArray<string> Reasons(ImmutableArray<CriterionScore> weighted, double score, ScenarioFacts facts)
    {
        var known = weighted.Where(static one => one.Weight > 0).OrderByDescending(static one => one.Weight * Math.Abs((one.Score ?? 0) - 0.5)).ThenBy(static one => one.Criterion).ToList();
        var without = weighted.Where(static one => one.Score is null).Select(static one => one.Criterion.ToString().ToLowerInvariant()).ToList();
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"Score {score:F2} over {known.Count} of {weighted.Length} criteria."),
            .. known.Take(3).Select(static one => string.Create(CultureInfo.InvariantCulture, $"{one.Criterion} {one.Score:F2} (weight {one.Weight:F2}): {one.Reason}.")),
            .. without.Count == 0 ? Array.Empty<string>() : [$"Without data, and left out: {string.Join(", ", without)}."],
            .. Problems(facts),
        ];
    }

    /// <summary>What of the input is not used, and why.</summary>
    private static IEnumerable<string> Problems(ScenarioFacts facts)
    {
        foreach (var target in facts.Targets)
        {
            foreach (var problem in MetricTarget.Problems(target))
            {
                yield return $"Not used: {problem}";
            }
        }

        foreach (var (metric, _) in facts.Metrics.Where(static metric => !double.IsFinite(metric.Value)))
        {
            yield return $"Not used: {metric} is no finite number.";
        }
    }

    /// <summary>What an evaluator says, if it makes sense; else that it has no data, with why.</summary>
    private static CriterionScore Checked(ICriterionEvaluator evaluator, ScenarioFacts facts, ScenarioField field)
    {
        var score = evaluator.Evaluate(facts, field);
        return score.Score is null ? score with { Confidence = 0, Criterion = evaluator.Criterion }
            : score is { Score: >= 0 and <= 1, Confidence: >= 0 and <= 1 } ? score with { Criterion = evaluator.Criterion }
            : CriterionScore.NoData(evaluator.Criterion, FormattableString.Invariant($"its evaluator said score {score.Score} with confidence {score.Confidence}; 0 to 1 is allowed, so it is left out"));
    }

    private double WeightOf(CriterionScore score) => weights.GetValueOrDefault(score.Criterion);
}
