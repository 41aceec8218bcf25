using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Definitions;

/// <summary>A compiled campaign file: one simulation for each scenario and member.</summary>
public sealed record Campaign
{
    public string Name { get; init; } = "";

    /// <summary>Institution, project and account; the user is known only to whoever accepts the submission.</summary>
    public Ownership Owner { get; init; } = new();

    /// <summary>Null without scenarios.</summary>
    public ScenarioId? Scenario { get; init; }

    /// <summary>Scenario by scenario in the order of the file, members in order within each.</summary>
    public ImmutableArray<SimulationDefinition> Simulations { get; init; } = [];

    /// <summary>What scenarios have to do with, by their names; those without are not listed.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<string>> Tags { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>Null when the file compares nothing.</summary>
    public Comparison? Compare { get; init; }
}
