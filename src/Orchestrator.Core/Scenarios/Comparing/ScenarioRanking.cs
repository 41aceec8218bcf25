using System.Collections.Immutable;
using Orchestrator.Core.Scenarios.Criteria;

namespace Orchestrator.Core.Scenarios.Comparing;

/// <summary>Puts many scenarios in order. Those without data are not ranked and come last; members of one ensemble get the mean score of their ensemble, so that none goes before another.</summary>
public static class ScenarioRanking
{
    private const double Damping = 0.85;
    private const int Rounds = 5;

    /// <summary>Best first, equal scores by name.</summary>
    /// <exception cref="ArgumentException">The method or a weight is not allowed.</exception>
    public static ImmutableArray<RankedScenario> Rank(IReadOnlyList<Assessment> all, RankingMethod method, ImmutableSortedDictionary<Criterion, double>? weights = null)
    {
        ArgumentNullException.ThrowIfNull(all);
        var counts = weights ?? CriterionWeights.Comparison;
        if (CriterionWeights.Problems(counts).FirstOrDefault() is { } problem)
        {
            throw new ArgumentException(problem, nameof(weights));
        }

        var known = all.Where(static assessment => assessment.Confidence > 0).DistinctBy(static assessment => assessment.Scenario).ToList();
        var scores = method switch
        {
            RankingMethod.PairwiseGraph => Pairwise(known, counts),
            RankingMethod.WeightedSum => known.ToDictionary(static one => one.Scenario, one => WeightedSum(one, counts), StringComparer.Ordinal),
            RankingMethod.RankSum => RankSum(known, counts),
            RankingMethod.Pareto => Fronts(known, counts),
            RankingMethod.MultiCriteria => Topsis(known, counts),
            _ => throw new ArgumentException("method: pairwiseGraph, weightedSum, rankSum, pareto and multiCriteria are allowed.", nameof(method)),
        };
        foreach (var ensemble in known.Where(static one => one.Ensemble.Length > 0).GroupBy(static one => one.Ensemble, StringComparer.Ordinal))
        {
            var mean = ensemble.Average(one => scores[one.Scenario]);
            foreach (var one in ensemble)
            {
                scores[one.Scenario] = mean;
            }
        }

        var most = scores.Values.Append(0).Max();
        var ordered = known
            .Select(one => new RankedScenario { Scenario = one.Scenario, Score = most > 0 ? scores[one.Scenario] / most : Assessment.Prior, Confidence = one.Confidence })
            .OrderByDescending(static one => one.Score)
            .ThenBy(static one => one.Scenario, StringComparer.Ordinal)
            .ToList();
        var rank = 0;
        for (var i = 0; i < ordered.Count; i++)
        {
            rank = i > 0 && ordered[i].Score == ordered[i - 1].Score ? rank : i + 1;
            ordered[i] = ordered[i] with { Rank = rank };
        }

        var others = all.Where(static assessment => !(assessment.Confidence > 0)).OrderBy(static one => one.Scenario, StringComparer.Ordinal)
            .Select(static one => new RankedScenario { Scenario = one.Scenario, Score = Assessment.Prior });
        return [.. ordered, .. others];
    }

    /// <summary>The scenarios that no other is at least as good as in every criterion both have, and better in one.</summary>
    public static ImmutableArray<string> ParetoFront(IReadOnlyList<Assessment> all)
    {
        ArgumentNullException.ThrowIfNull(all);
        return [.. all.Where(one => one.Confidence > 0 && !all.Any(other => Dominates(other, one, CriterionWeights.Evaluation))).Select(static one => one.Scenario)];
    }

    /// <summary>Closeness 0 to 1 by scenario; a criterion that one has no data for takes its mean over those that have.</summary>
    internal static Dictionary<string, double> Topsis(IReadOnlyList<Assessment> all, ImmutableSortedDictionary<Criterion, double> weights)
    {
        var best = all.ToDictionary(static one => one.Scenario, static _ => 0.0, StringComparer.Ordinal);
        var worst = all.ToDictionary(static one => one.Scenario, static _ => 0.0, StringComparer.Ordinal);
        foreach (var (criterion, weight) in weights.Where(static pair => pair.Value > 0))
        {
            var known = all.Select(one => one.Of(criterion)?.Score).OfType<double>().ToList();
            var length = Math.Sqrt(known.Sum(static value => value * value));
            if (!(length > 0))
            {
                continue;
            }

            var (mean, least, most) = (known.Average(), known.Min(), known.Max());
            foreach (var one in all)
            {
                var value = one.Of(criterion)?.Score ?? mean;
                best[one.Scenario] += Square(weight * (most - value) / length);
                worst[one.Scenario] += Square(weight * (value - least) / length);
            }
        }

        return all.ToDictionary(
            static one => one.Scenario,
            one => Math.Sqrt(best[one.Scenario]) + Math.Sqrt(worst[one.Scenario]) is > 0 and var sum ? Math.Sqrt(worst[one.Scenario]) / sum : Assessment.Prior,
            StringComparer.Ordinal);

        static double Square(double value) => value * value;
    }

    private static double WeightedSum(Assessment one, ImmutableSortedDictionary<Criterion, double> weights)
    {
        var known = one.Criteria.Where(score => score.Score is not null && weights.GetValueOrDefault(score.Criterion) > 0).ToList();
        return known.Count == 0 ? one.Score : known.Sum(score => weights[score.Criterion] * score.Score!.Value) / known.Sum(score => weights[score.Criterion]);
    }

    private static Dictionary<string, double> RankSum(List<Assessment> all, ImmutableSortedDictionary<Criterion, double> weights)
    {
        var sums = all.ToDictionary(static one => one.Scenario, static _ => (Sum: 0.0, Weight: 0.0), StringComparer.Ordinal);
        foreach (var (criterion, weight) in weights.Where(static pair => pair.Value > 0))
        {
            var known = all.Where(one => one.Of(criterion)?.Score is not null).Select(one => (one.Scenario, Score: one.Of(criterion)!.Score!.Value)).ToList();
            var ordered = known.Select(static one => one.Score).Order().ToArray();
            foreach (var (scenario, score) in known)
            {
                // Equal scores share the middle of their places.
                var (below, upTo) = (Lower(ordered, score), Lower(ordered, Math.BitIncrement(score)));
                var place = known.Count == 1 ? 0.5 : (below + upTo - 1) / 2.0 / (known.Count - 1);
                sums[scenario] = (sums[scenario].Sum + (weight * place), sums[scenario].Weight + weight);
            }
        }

        return sums.ToDictionary(static pair => pair.Key, static pair => pair.Value.Weight > 0 ? pair.Value.Sum / pair.Value.Weight : Assessment.Prior, StringComparer.Ordinal);

        static int Lower(double[] ordered, double value)
        {
            var (from, to) = (0, ordered.Length);
            while (from < to)
            {
                var middle = (from + to) / 2;
                (from, to) = ordered[middle] < value ? (middle + 1, to) : (from, middle);
            }

            return from;
        }
    }

    private static Dictionary<string, double> Fronts(List<Assessment> all, ImmutableSortedDictionary<Criterion, double> weights)
    {
        var left = all.ToList();
        var fronts = new List<List<Assessment>>();
        while (left.Count > 0)
        {
            var front = left.Where(one => !left.Any(other => Dominates(other, one, weights))).ToList();

            // With criteria that only some have, dominance may go in a circle: then nothing tells them apart.
            front = front.Count == 0 ? left : front;
            fronts.Add(front);
            left = [.. left.Except(front)];
        }

        return fronts.SelectMany((front, place) => front.Select(one => (one.Scenario, Score: (double)(fronts.Count - place) / fronts.Count))).ToDictionary(static one => one.Scenario, static one => one.Score, StringComparer.Ordinal);
    }

    private static bool Dominates(Assessment one, Assessment other, ImmutableSortedDictionary<Criterion, double> weights)
    {
        if (ReferenceEquals(one, other) || (one.Ensemble.Length > 0 && one.Ensemble == other.Ensemble))
        {
            return false;
        }

        var isBetter = false;
        foreach (var score in one.Criteria)
        {
            if (score.Score is { } mine && other.Of(score.Criterion)?.Score is { } its && weights.GetValueOrDefault(score.Criterion) > 0)
            {
                if (mine < its)
                {
                    return false;
                }

                isBetter |= mine > its;
            }
        }

        return isBetter;
    }

    private static Dictionary<string, double> Pairwise(List<Assessment> all, ImmutableSortedDictionary<Criterion, double> weights)
    {
        var count = all.Count;
        var votes = new double[count, count];
        var given = new double[count];
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < count; j++)
            {
                if (i != j && !(all[i].Ensemble.Length > 0 && all[i].Ensemble == all[j].Ensemble))
                {
                    // The worse one votes for the better one.
                    votes[i, j] = Math.Max(0, Margin(all[j], all[i], weights));
                    given[i] += votes[i, j];
                }
            }
        }

        var rank = Enumerable.Repeat(count == 0 ? 0 : 1.0 / count, count).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            var next = Enumerable.Repeat((1 - Damping) / count, count).ToArray();
            for (var i = 0; i < count; i++)
            {
                // Who is beaten by none votes for itself.
                if (given[i] > 0)
                {
                    for (var j = 0; j < count; j++)
                    {
                        next[j] += Damping * rank[i] * votes[i, j] / given[i];
                    }
                }
                else
                {
                    next[i] += Damping * rank[i];
                }
            }

            rank = next;
        }

        return all.Select((one, i) => (one.Scenario, Score: rank[i])).ToDictionary(static one => one.Scenario, static one => one.Score, StringComparer.Ordinal);
    }

    private static double Margin(Assessment one, Assessment other, ImmutableSortedDictionary<Criterion, double> weights)
    {
        var (sum, weight) = (0.0, 0.0);
        foreach (var score in one.Criteria)
        {
            if (score.Score is { } mine && other.Of(score.Criterion)?.Score is { } its && weights.GetValueOrDefault(score.Criterion) is > 0 and var counts)
            {
                (sum, weight) = (sum + (counts * (mine - its)), weight + counts);
            }
        }

        return weight > 0 ? sum / weight : 0;
    }
}
