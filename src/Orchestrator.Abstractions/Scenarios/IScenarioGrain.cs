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
}
