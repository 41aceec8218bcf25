using System.Collections.Immutable;

namespace Orchestrator.Core.Scenarios.Criteria;

/// <summary>How much each criterion counts.</summary>
public static class CriterionWeights
{
    /// <summary>For the score of a scenario; they sum to 1.</summary>
    public static ImmutableSortedDictionary<Criterion, double> Evaluation { get; } = new Dictionary<Criterion, double>
    {
        [Criterion.Accuracy] = 0.2,
        [Criterion.Convergence] = 0.15,
        [Criterion.Stability] = 0.1,
        [Criterion.Efficiency] = 0.05,
        [Criterion.Novelty] = 0.15,
        [Criterion.Significance] = 0.2,
        [Criterion.Robustness] = 0.1,
        [Criterion.Explainability] = 0.025,
        [Criterion.Consistency] = 0.025,
    }.ToImmutableSortedDictionary();

    /// <summary>For a weighted comparison of two; they sum to 1.</summary>
    public static ImmutableSortedDictionary<Criterion, double> Comparison { get; } = new Dictionary<Criterion, double>
    {
        [Criterion.Accuracy] = 0.2,
        [Criterion.Convergence] = 0.15,
        [Criterion.Efficiency] = 0.1,
        [Criterion.Novelty] = 0.2,
        [Criterion.Significance] = 0.2,
        [Criterion.Robustness] = 0.15,
    }.ToImmutableSortedDictionary();

    /// <summary>What is wrong with weights; each sentence names the field and what is allowed.</summary>
    public static IEnumerable<string> Problems(IReadOnlyDictionary<Criterion, double> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        foreach (var (criterion, weight) in weights)
        {
            if (!(weight >= 0 && double.IsFinite(weight)))
            {
                yield return FormattableString.Invariant($"weights.{criterion}: it is {weight}; 0 or more is allowed.");
            }
        }

        if (!(weights.Values.Where(double.IsFinite).Sum() > 0))
        {
            yield return "weights: their sum is 0; at least one above 0 is needed.";
        }
    }
}
