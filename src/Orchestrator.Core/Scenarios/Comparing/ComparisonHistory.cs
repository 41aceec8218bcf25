using System.Collections.Immutable;

namespace Orchestrator.Core.Scenarios.Comparing;

/// <summary>The newest comparisons, oldest first.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.comparison-history")]
public sealed record ComparisonHistory
{
    public const int Max = 200;

    [Id(0)] public ImmutableArray<ScenarioComparison> Comparisons { get; init; } = [];

    /// <summary>A refused one is not kept.</summary>
    public ComparisonHistory Add(ScenarioComparison comparison) =>
        comparison is null or { Refusal: not null } ? this : this with { Comparisons = [.. Comparisons.TakeLast(Max - 1), comparison] };

    /// <summary>Those of two, each as seen from the first.</summary>
    public ImmutableArray<ScenarioComparison> Of(string one, string other) =>
    [
        .. Comparisons
            .Where(comparison => (comparison.One == one && comparison.Other == other) || (comparison.One == other && comparison.Other == one))
            .Select(comparison => comparison.One == one ? comparison : comparison.Turned()),
    ];
}
