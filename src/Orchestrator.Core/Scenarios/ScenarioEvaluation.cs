using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scenarios;

/// <summary>Compares variants over their members.</summary>
public static class ScenarioEvaluation
{
    /// <summary>
    /// Best first by the mean of the objective, equal means by name; then those that no member gives the objective for, by name. Without an objective: all by name.
    /// </summary>
    public static ImmutableArray<VariantEvaluation> Evaluate(ScenarioDefinition definition, ImmutableSortedDictionary<SimulationId, ScenarioMember> members)
    {
        var variants = definition.Variants
            .Select(variant => new VariantEvaluation
            {
                Name = variant.Key,
                Metrics = Summarize(variant.Value.Select(id => members.GetValueOrDefault(id)).OfType<ScenarioMember>()),
            })
            .ToList();
        if (definition.Metric is not { } objective)
        {
            return [.. variants.OrderBy(static variant => variant.Name, StringComparer.Ordinal)];
        }

        var sign = definition.HigherIsBetter ? -1 : 1;
        var ranked = variants
            .Where(variant => variant.Metrics.ContainsKey(objective))
            .OrderBy(variant => sign * variant.Metrics[objective].Mean)
            .ThenBy(static variant => variant.Name, StringComparer.Ordinal)
            .Select(static (variant, place) => variant with { Rank = place + 1 });
        var others = variants
            .Where(variant => !variant.Metrics.ContainsKey(objective))
            .OrderBy(static variant => variant.Name, StringComparer.Ordinal);
        return [.. ranked, .. others];
    }

    /// <summary>Mean, sample standard deviation, extremes and count of finite values; at least one.</summary>
    public static MetricSummary Summarize(IReadOnlyCollection<double> values)
    {
        ArgumentOutOfRangeException.ThrowIfZero(values.Count, nameof(values));

        // Scaled by the largest, so that sums and squares of extreme values stay finite; about the mean, so that close values keep their digits.
        var scale = values.Max(Math.Abs);
        if (scale == 0)
        {
            return new() { Count = values.Count };
        }

        var mean = values.Sum(value => value / scale / values.Count);
        var squares = values.Sum(value => Square((value / scale) - mean));
        return new()
        {
            Count = values.Count,
            Mean = Math.Clamp(mean, -1, 1) * scale,
            StandardDeviation = values.Count < 2 ? 0 : Math.Sqrt(squares / (values.Count - 1)) * scale,
            Minimum = values.Min(),
            Maximum = values.Max(),
        };

        static double Square(double value) => value * value;
    }

    private static ImmutableSortedDictionary<string, MetricSummary> Summarize(IEnumerable<ScenarioMember> members) => members
        .SelectMany(static member => member.Metrics)
        .Where(static metric => double.IsFinite(metric.Value))
        .GroupBy(static metric => metric.Key, static metric => metric.Value, StringComparer.Ordinal)
        .ToImmutableSortedDictionary(static group => group.Key, static group => Summarize(group.ToArray()), StringComparer.Ordinal);
}
