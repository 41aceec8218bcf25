namespace Orchestrator.Core.Scenarios.Criteria;

/// <summary>What is wanted of one metric.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.metric-target")]
public sealed record MetricTarget
{
    /// <summary>As the programs report it.</summary>
    [Id(0)] public string Metric { get; init; } = "";

    [Id(1)] public MetricDirection Direction { get; init; }

    /// <summary>The value with which the objective is met; null: the better the better.</summary>
    [Id(2)] public double? Target { get; init; }

    /// <summary>Against the other metrics, 0 or more.</summary>
    [Id(3)] public double Weight { get; init; } = 1;

    /// <summary>0 to 1: how far its values are to be believed.</summary>
    [Id(4)] public double Confidence { get; init; } = 1;

    /// <summary>For people.</summary>
    [Id(5)] public string Unit { get; init; } = "";

    /// <summary>What is wrong with it: each sentence names the field and what is allowed.</summary>
    public static IEnumerable<string> Problems(MetricTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (string.IsNullOrWhiteSpace(target.Metric))
        {
            yield return "metric: it is empty; the name of a metric that the programs report is needed.";
        }

        if (target.Direction is not (MetricDirection.Higher or MetricDirection.Lower))
        {
            yield return $"direction: that of {target.Metric} is not said; higher or lower is needed.";
        }

        if (target.Target is { } value && !double.IsFinite(value))
        {
            yield return $"target: that of {target.Metric} is no number; a finite number, or none, is allowed.";
        }

        if (!(target.Weight >= 0 && double.IsFinite(target.Weight)))
        {
            yield return FormattableString.Invariant($"weight: that of {target.Metric} is {target.Weight}; 0 or more is allowed.");
        }

        if (target.Confidence is not (>= 0 and <= 1))
        {
            yield return FormattableString.Invariant($"confidence: that of {target.Metric} is {target.Confidence}; 0 to 1 is allowed.");
        }
    }
}
