using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Scenarios.Criteria;

namespace Orchestrator.Core.Scenarios.Comparing;

/// <summary>Compares assessments. Members of one ensemble are never ranked against each other: a choice among them would bias the statistics that they were made for.</summary>
public static class ScenarioComparer
{
    /// <summary>Compares two. Among all, which TOPSIS measures its distances in; null: the two alone.</summary>
    public static ScenarioComparison Compare(
        Assessment one,
        Assessment other,
        ComparisonMethod method,
        DateTimeOffset now,
        ImmutableSortedDictionary<Criterion, double>? weights = null,
        IReadOnlyList<Assessment>? amongAll = null)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        var comparison = new ScenarioComparison { One = one.Scenario, Other = other.Scenario, Method = method, At = now };
        var counts = weights ?? CriterionWeights.Comparison;
        var refusal = one.Scenario == other.Scenario ? $"\"{one.Scenario}\" is compared with itself; two scenarios are needed."
            : one.Ensemble.Length > 0 && one.Ensemble == other.Ensemble ? $"\"{one.Scenario}\" and \"{other.Scenario}\" are members of one ensemble ({one.Ensemble}), and those are not ranked against each other."
            : method is < ComparisonMethod.Direct or > ComparisonMethod.Ensemble ? "method: direct, weighted, relative, rankBased, pareto, multiCriteria and ensemble are allowed."
            : CriterionWeights.Problems(counts).FirstOrDefault();
        if (refusal is not null)
        {
            return comparison with { Refusal = refusal, Recommendation = refusal };
        }

        var shared = one.Criteria
            .Where(score => score.Score is not null && other.Of(score.Criterion)?.Score is not null)
            .Select(score => new CriterionDifference { Criterion = score.Criterion, One = score.Score!.Value, Other = other.Of(score.Criterion)!.Score!.Value })
            .ToImmutableArray();
        if (shared.IsEmpty)
        {
            return comparison with { Recommendation = $"There is no criterion for which both {one.Scenario} and {other.Scenario} have data: nothing follows." };
        }

        var difference = method switch
        {
            ComparisonMethod.MultiCriteria => Topsis(one, other, counts, amongAll),
            ComparisonMethod.Ensemble => new[] { ComparisonMethod.Direct, ComparisonMethod.Weighted, ComparisonMethod.Relative, ComparisonMethod.RankBased }.Average(each => Difference(shared, each, counts)),
            _ => Difference(shared, method, counts),
        };
        var covered = shared.Sum(part => counts.GetValueOrDefault(part.Criterion)) / counts.Values.Sum();
        var sure = new[] { one, other }.Min(assessment => shared.Average(part => assessment.Of(part.Criterion)!.Confidence));
        var confidence = Math.Clamp(sure * Math.Clamp(covered, 0, 1), 0, 1);
        return comparison with
        {
            Difference = Math.Clamp(difference, -1, 1),
            Confidence = confidence,
            Criteria = shared,
            Recommendation = Wording(one.Scenario, other.Scenario, difference, confidence),
        };
    }

    /// <summary>Steps at 0.05 and 0.15.</summary>
    internal static string Wording(string one, string other, double difference, double confidence)
    {
        var (better, worse) = difference >= 0 ? (one, other) : (other, one);
        var what = Math.Abs(difference) switch
        {
            > 0.15 => $"{better} is clearly better than {worse}: it should get more of what there is",
            > 0.05 => $"{better} is a little better than {worse}: a small shift would do",
            _ => $"{one} and {other} are about as good: leave them as they are",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{what} (difference {Math.Abs(difference):F2}, confidence {confidence:F2}).");
    }

    private static double Difference(ImmutableArray<CriterionDifference> shared, ComparisonMethod method, ImmutableSortedDictionary<Criterion, double> weights)
    {
        var counted = shared.Select(part => (Part: part, Weight: method == ComparisonMethod.Direct ? 1 : weights.GetValueOrDefault(part.Criterion))).Where(static part => part.Weight > 0).ToList();
        var sum = counted.Sum(static part => part.Weight);
        return !(sum > 0) ? 0 : method switch
        {
            ComparisonMethod.Relative => counted.Sum(static part => part.Weight * (Math.Max(part.Part.One, part.Part.Other) is > 0 and var larger ? part.Part.Difference / larger : 0)) / sum,
            ComparisonMethod.RankBased => counted.Sum(static part => part.Weight * Math.Sign(part.Part.Difference)) / sum,
            ComparisonMethod.Pareto => Dominates(counted.Select(static part => part.Part.Difference)) ? 1 : Dominates(counted.Select(static part => -part.Part.Difference)) ? -1 : 0,
            _ => counted.Sum(static part => part.Weight * part.Part.Difference) / sum,
        };

        static bool Dominates(IEnumerable<double> differences) => differences.ToList() is var all && all.All(static value => value >= 0) && all.Any(static value => value > 0);
    }

    private static double Topsis(Assessment one, Assessment other, ImmutableSortedDictionary<Criterion, double> weights, IReadOnlyList<Assessment>? amongAll)
    {
        var all = (amongAll ?? []).Where(assessment => assessment.Scenario != one.Scenario && assessment.Scenario != other.Scenario).Prepend(other).Prepend(one).ToList();
        var closeness = ScenarioRanking.Topsis(all, weights);
        return closeness[one.Scenario] - closeness[other.Scenario];
    }
}
