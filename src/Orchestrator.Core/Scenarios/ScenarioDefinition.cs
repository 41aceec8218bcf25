using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scenarios;

/// <summary>What is compared, and by what.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.scenario-definition")]
public sealed record ScenarioDefinition
{
    [Id(0)] public ScenarioId Id { get; init; }

    [Id(1)] public string Campaign { get; init; } = "";

    [Id(2)] public Ownership Owner { get; init; } = new();

    /// <summary>The metric that ranks; null: variants are shown beside each other and not ranked.</summary>
    [Id(3)] public string? Metric { get; init; }

    [Id(4)] public bool HigherIsBetter { get; init; } = true;

    /// <summary>Simulations by variant.</summary>
    [Id(5)] public ImmutableSortedDictionary<string, ImmutableArray<SimulationId>> Variants { get; init; } =
        ImmutableSortedDictionary<string, ImmutableArray<SimulationId>>.Empty;

    /// <summary>Nothing, advise or steer.</summary>
    [Id(6)] public ScenarioSteering Steering { get; init; } = ScenarioSteering.Advise;
}
