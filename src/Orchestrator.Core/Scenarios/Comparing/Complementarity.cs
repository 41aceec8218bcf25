using System.Collections.Immutable;
using Orchestrator.Core.Scenarios.Criteria;

namespace Orchestrator.Core.Scenarios.Comparing;

/// <summary>Finds scenarios that are worth keeping together, and those that do the same.</summary>
public static class Complementarity
{
    private const double Margin = 0.2;

    /// <summary>All pairs, the most complementary first; of one ensemble none. The refusal says why there are none.</summary>
    public static (ImmutableArray<ComplementaryPair> Pairs, string? Refusal) Pairs(IReadOnlyList<Assessment> all, IReadOnlyList<ScenarioFacts>? facts = null)
    {
        ArgumentNullException.ThrowIfNull(all);
        if (all.Count < 2)
        {
            return ([], $"scenarios: there are {all.Count}; at least two are needed.");
        }

        var known = (facts ?? []).ToDictionary(static one => one.Id, StringComparer.Ordinal);
        return (
            [
                .. from i in Enumerable.Range(0, all.Count)
                   from j in Enumerable.Range(i + 1, all.Count - i - 1)
                   where all[i].Ensemble.Length == 0 || all[i].Ensemble != all[j].Ensemble
                   let pair = Pair(all[i], all[j], known)
                   orderby pair.Score descending, pair.One, pair.Other
                   select pair,
            ],
            null);
    }

    /// <summary>Groups of scenarios that are alike by at least the threshold to one another of their group; each is in one group, alone where nothing is like it.</summary>
    /// <param name="all">In any order.</param>
    /// <param name="threshold">Above 0, at most 1.</param>
    /// <param name="scaleOf">In what differences of a metric are counted; null: in the values themselves.</param>
    public static ImmutableArray<ImmutableArray<string>> Groups(IReadOnlyList<ScenarioFacts> all, double threshold = 0.7, Func<string, double>? scaleOf = null)
    {
        ArgumentNullException.ThrowIfNull(all);
        if (threshold is not (> 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "The threshold is above 0 and at most 1.");
        }

        var groups = new List<List<ScenarioFacts>>();
        foreach (var facts in all)
        {
            var alike = groups.Where(group => group.Any(other => Similarities.Of(facts, other, scaleOf) >= threshold)).ToList();
            var merged = alike.SelectMany(static group => group).Append(facts).ToList();
            groups.RemoveAll(alike.Contains);
            groups.Add(merged);
        }

        return [.. groups.Select(static group => group.Select(static one => one.Id).Order(StringComparer.Ordinal).ToImmutableArray()).OrderBy(static group => group[0], StringComparer.Ordinal)];
    }

    private static ComplementaryPair Pair(Assessment one, Assessment other, Dictionary<string, ScenarioFacts> facts)
    {
        var shared = one.Criteria.Where(score => score.Score is not null && other.Of(score.Criterion)?.Score is not null).Select(score => (score.Criterion, Difference: score.Score!.Value - other.Of(score.Criterion)!.Score!.Value)).ToList();
        var mine = shared.Where(static part => part.Difference > Margin).Select(static part => part.Criterion).ToImmutableArray();
        var its = shared.Where(static part => part.Difference < -Margin).Select(static part => part.Criterion).ToImmutableArray();

        // Evenly parted strengths count whole: all on one side are no complement but a better scenario.
        var strength = shared.Count == 0 ? 0 : 2.0 * Math.Min(mine.Length, its.Length) / Math.Max(1, mine.Length + its.Length);
        var likeness = facts.TryGetValue(one.Scenario, out var a) && facts.TryGetValue(other.Scenario, out var b)
            ? Similarities.Of(a, b)
            : shared.Count == 0 ? null : 1 - shared.Average(static part => Math.Abs(part.Difference));
        return new()
        {
            One = one.Scenario,
            Other = other.Scenario,
            Score = (0.7 * strength) + (0.3 * (1 - (likeness ?? 1))),
            OneIsStronger = mine,
            OtherIsStronger = its,
        };
    }
}
