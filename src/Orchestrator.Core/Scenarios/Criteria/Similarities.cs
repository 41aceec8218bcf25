using System.Collections.Immutable;

namespace Orchestrator.Core.Scenarios.Criteria;

/// <summary>How alike two scenarios are, 0 to 1.</summary>
public static class Similarities
{
    /// <summary>
    /// 0.3 tags + 0.3 objectives + 0.1 status of their simulations + 0.3 metrics; what neither of them has is left out, and its weight goes to the rest. Null: neither has anything.
    /// </summary>
    /// <param name="one">The one.</param>
    /// <param name="other">The other.</param>
    /// <param name="scaleOf">In what differences of a metric are counted, above 0; null: in the larger of both values.</param>
    public static double? Of(ScenarioFacts one, ScenarioFacts other, Func<string, double>? scaleOf = null)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        List<(double Weight, double Value)> parts = [];
        if (one.Tags.Length + other.Tags.Length > 0)
        {
            parts.Add((0.3, Jaccard(one.Tags, other.Tags)));
        }

        if (one.Objectives.Length + other.Objectives.Length > 0)
        {
            parts.Add((0.3, Jaccard([.. one.Objectives.Select(static objective => objective.Name)], [.. other.Objectives.Select(static objective => objective.Name)])));
        }

        if (one.Simulations.Length > 0 && other.Simulations.Length > 0)
        {
            parts.Add((0.1, 1 - Math.Abs(one.TotalProgress() - other.TotalProgress())));
        }

        var metrics = one.Metrics.Keys.Union(other.Metrics.Keys).ToList();
        if (metrics.Count > 0)
        {
            parts.Add((0.3, metrics.Average(Alike)));
        }

        return parts.Count == 0 ? null : parts.Sum(static part => part.Weight * part.Value) / parts.Sum(static part => part.Weight);

        double Alike(string metric)
        {
            if (!one.Metrics.TryGetValue(metric, out var a) || !other.Metrics.TryGetValue(metric, out var b) || !double.IsFinite(a) || !double.IsFinite(b))
            {
                return 0;
            }

            var scale = scaleOf?.Invoke(metric) ?? Math.Max(Math.Abs(a), Math.Abs(b));
            return scale == 0 ? 1 : 1 - Math.Min(1, Math.Abs((a / scale) - (b / scale)));
        }
    }

    /// <summary>What they share of what either has; two empty sets share nothing.</summary>
    internal static double Jaccard(ImmutableArray<string> one, ImmutableArray<string> other)
    {
        var all = one.Union(other, StringComparer.OrdinalIgnoreCase).Count();
        return all == 0 ? 0 : (double)one.Intersect(other, StringComparer.OrdinalIgnoreCase).Count() / all;
    }
}
