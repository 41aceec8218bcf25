using System.Collections.Immutable;

namespace Orchestrator.Core.Scenarios;

/// <summary>One variant over its members.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.variant-evaluation")]
public sealed record VariantEvaluation
{
    [Id(0)] public string Name { get; init; } = "";

    /// <summary>From 1, by the mean of the objective; 0: not ranked.</summary>
    [Id(1)] public int Rank { get; init; }

    /// <summary>Over the members that reported a finite value.</summary>
    [Id(2)] public ImmutableSortedDictionary<string, MetricSummary> Metrics { get; init; } = ImmutableSortedDictionary<string, MetricSummary>.Empty;
}
