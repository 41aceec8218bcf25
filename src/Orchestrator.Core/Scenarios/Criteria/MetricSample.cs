namespace Orchestrator.Core.Scenarios.Criteria;

/// <summary>What a metric was when a scenario had come so far.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.metric-sample")]
public sealed record MetricSample
{
    /// <summary>Of the scenario, 0 to 1.</summary>
    [Id(0)] public double Progress { get; init; }

    /// <summary>By metric; over members the mean.</summary>
    [Id(1)] public System.Collections.Immutable.ImmutableSortedDictionary<string, double> Values { get; init; } = System.Collections.Immutable.ImmutableSortedDictionary<string, double>.Empty;
}
