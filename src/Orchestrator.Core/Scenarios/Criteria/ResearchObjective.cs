using System.Collections.Immutable;

namespace Orchestrator.Core.Scenarios.Criteria;

/// <summary>A question of the research, and which metrics answer it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.research-objective")]
public sealed record ResearchObjective
{
    [Id(0)] public string Name { get; init; } = "";

    /// <summary>Against the other objectives, 0 to 1.</summary>
    [Id(1)] public double Importance { get; init; } = 1;

    /// <summary>Names of metrics.</summary>
    [Id(2)] public ImmutableArray<string> TargetMetrics { get; init; } = [];

    /// <summary>Whether a scenario with such tags, or such metrics, has to do with it.</summary>
    public bool IsRelevantTo(IEnumerable<string> tags) => tags.Any(tag => TargetMetrics.Contains(tag, StringComparer.OrdinalIgnoreCase));
}
