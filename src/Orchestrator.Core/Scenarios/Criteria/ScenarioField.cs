namespace Orchestrator.Core.Scenarios.Criteria;

/// <summary>All scenarios that are compared, with what is needed of all of them to judge each: found once, however many there are.</summary>
public sealed class ScenarioField
{
    private readonly Dictionary<string, MetricRange> ranges = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> scales = new(StringComparer.Ordinal);
    private readonly Lazy<Dictionary<string, double>> gains;
    private readonly Lazy<(string[] Names, Dictionary<string, double[]> Places)> parameters;

    public ScenarioField(IReadOnlyList<ScenarioFacts> all)
    {
        ArgumentNullException.ThrowIfNull(all);
        All = all;
        gains = new(() => All.Where(static one => one is { CoreHours: > 0, Progress: not null }).DistinctBy(static one => one.Id, StringComparer.Ordinal).ToDictionary(static one => one.Id, GainOf, StringComparer.Ordinal));
        parameters = new(FindParameters);
    }

    public IReadOnlyList<ScenarioFacts> All { get; }

    /// <summary>The finite values of a metric over all.</summary>
    internal MetricRange RangeOf(string metric)
    {
        if (!ranges.TryGetValue(metric, out var range))
        {
            ranges[metric] = range = MetricRange.Of(All.Where(one => one.Metrics.ContainsKey(metric)).Select(one => one.Metrics[metric]));
        }

        return range;
    }

    /// <summary>The largest finite value of a metric over all members of all, without its sign; 0: none.</summary>
    internal double ScaleOf(string metric)
    {
        if (!scales.TryGetValue(metric, out var scale))
        {
            scales[metric] = scale = All.SelectMany(static one => one.Members).Select(member => member.TryGetValue(metric, out var value) && double.IsFinite(value) ? Math.Abs(value) : 0).Append(0).Max();
        }

        return scale;
    }

    /// <summary>Progress times score per core-hour, of those whose compute was measured.</summary>
    internal IReadOnlyDictionary<string, double> Gains => gains.Value;

    /// <summary>The parameters that all have and that differ, and by scenario its values in parts of their ranges.</summary>
    internal (string[] Names, Dictionary<string, double[]> Places) Parameters => parameters.Value;

    private double GainOf(ScenarioFacts one)
    {
        var scores = MetricScores.All(one, this);
        return one.Progress!.Value * (scores.IsEmpty ? 1 : MetricScores.WeightedMean(scores)) / one.CoreHours!.Value;
    }

    private (string[] Names, Dictionary<string, double[]> Places) FindParameters()
    {
        var names = All.Count == 0 ? [] : All[0].Parameters.Keys
            .Where(name => All.All(other => other.Parameters.TryGetValue(name, out var value) && double.IsFinite(value)))
            .Select(name => (Name: name, Least: All.Min(other => other.Parameters[name]), Most: All.Max(other => other.Parameters[name])))
            .Where(static parameter => parameter.Most > parameter.Least && double.IsFinite(parameter.Most - parameter.Least))
            .ToArray();
        return (
            [.. names.Select(static parameter => parameter.Name)],
            All.DistinctBy(static one => one.Id, StringComparer.Ordinal).ToDictionary(
                static one => one.Id, one => names.Select(parameter => (one.Parameters[parameter.Name] - parameter.Least) / (parameter.Most - parameter.Least)).ToArray(), StringComparer.Ordinal));
    }
}
