namespace Orchestrator.Core.Scenarios;

/// <summary>One metric over the members of a variant.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.metric-summary")]
public sealed record MetricSummary
{
    [Id(0)] public int Count { get; init; }

    [Id(1)] public double Mean { get; init; }

    /// <summary>Of the sample; 0 for a single member.</summary>
    [Id(2)] public double StandardDeviation { get; init; }

    [Id(3)] public double Minimum { get; init; }

    [Id(4)] public double Maximum { get; init; }
}
