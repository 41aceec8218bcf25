using Orchestrator.Core.Scenarios;
using Orleans.Concurrency;

namespace Orchestrator.Abstractions.Scenarios;

/// <summary>A set of scenarios that are compared, by its id: variants, members, metrics and their ranking.</summary>
[Alias("orchestrator.scenario")]
public interface IScenarioGrain : IGrainWithStringKey
{
    /// <summary>Says what is compared. A repeat changes nothing; another objective replaces the one before and is recorded.</summary>
    [Alias("define")]
    Task<ScenarioView> DefineAsync(ScenarioDefinition definition, CancellationToken cancellationToken = default);

    /// <summary>The comparison as it stands; null when it was never defined.</summary>
    [Alias("get"), ReadOnly]
    Task<ScenarioView?> GetAsync(CancellationToken cancellationToken = default);

    /// <summary>Thinks over priorities and shares now, whatever the interval; null when it was never defined. A repeat thinks again.</summary>
    [Alias("reprioritize")]
    Task<ScenarioView?> ReprioritizeAsync(CancellationToken cancellationToken = default);

    /// <summary>Sets the priority of a variant by hand, or takes that back. A repeat changes nothing; null when it was never defined or has no such variant.</summary>
    [Alias("override")]
    Task<ScenarioView?> OverrideAsync(PriorityOverride priority, CancellationToken cancellationToken = default);
}
