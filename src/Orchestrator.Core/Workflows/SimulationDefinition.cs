using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Workflows;

/// <summary>
/// One simulation as it was submitted: a graph of stages, compiled from a campaign with every
/// campaign-level placeholder already replaced. It never changes; what is added later is state.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.simulation-definition")]
public sealed record SimulationDefinition
{
    public const int CurrentVersion = 1;

    [Id(0)] public int Version { get; init; } = CurrentVersion;

    [Id(1)] public SimulationId Id { get; init; }

    /// <summary>The campaign it came from, as one word; the label by which users list their work.</summary>
    [Id(2)] public string Campaign { get; init; } = "";

    [Id(3)] public string Name { get; init; } = "";

    /// <summary>The scenario set that compares it, if any.</summary>
    [Id(4)] public ScenarioId? Scenario { get; init; }

    /// <summary>Its variant within the scenario set ("control", "4xCO2"); empty without one.</summary>
    [Id(5)] public string Variant { get; init; } = "";

    /// <summary>Its ensemble member within the variant, counted from 1; 0 without one.</summary>
    [Id(6)] public int Member { get; init; }

    [Id(7)] public Ownership Owner { get; init; } = new();

    [Id(8)] public ClusterId Cluster { get; init; }

    [Id(9)] public PriorityClass Priority { get; init; } = PriorityClass.Medium;

    /// <summary>Not preempted but by an operator or a critical maintenance window (invariant 7).</summary>
    [Id(10)] public bool Protected { get; init; }

    [Id(11)] public DateTimeOffset? Deadline { get; init; }

    /// <summary>In the order of the file; dependencies name stages of this list.</summary>
    [Id(12)] public ImmutableArray<StageDefinition> Stages { get; init; } = [];

    [Id(13)] public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The reservation in which it wants to run; "": none.</summary>
    [Id(14)] public string Reservation { get; init; } = "";

    /// <summary>0 to 1: what its scenario promises; 0.5: nothing is known.</summary>
    [Id(15)] public double Promise { get; init; } = 0.5;
}
