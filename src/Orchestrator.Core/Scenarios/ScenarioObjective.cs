namespace Orchestrator.Core.Scenarios;

/// <summary>By what was ranked from some time on.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.scenario-objective")]
public sealed record ScenarioObjective
{
    [Id(0)] public DateTimeOffset From { get; init; }

    [Id(1)] public string? Metric { get; init; }

    [Id(2)] public bool HigherIsBetter { get; init; }
}
