using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling.Shares;

/// <summary>Which part a scenario is to have of what the work of its scenario set gets. Work that waits and work that runs carry it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.scenario-share")]
public sealed record ScenarioShare
{
    /// <summary>Smaller shares count as this, so that nobody waits for ever.</summary>
    public const double Least = 1e-6;

    /// <summary>The set whose scenarios divide what they get.</summary>
    [Id(0)] public ScenarioId Set { get; init; }

    /// <summary>The scenario by its name in the set.</summary>
    [Id(1)] public string Scenario { get; init; } = "";

    /// <summary>0 to 1; what counts are the proportions among those of the set.</summary>
    [Id(2)] public double Share { get; init; }
}
