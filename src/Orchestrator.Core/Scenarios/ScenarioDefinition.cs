using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios.Criteria;
using Orchestrator.Core.Scenarios.Reallocation;

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

    /// <summary>What is wanted of metrics; empty: the one that ranks, the better the better.</summary>
    [Id(7)] public ImmutableArray<MetricTarget> Targets { get; init; } = [];

    /// <summary>How priorities and shares follow, and how much steering leaves to everybody.</summary>
    [Id(8)] public ReallocationSettings Reallocation { get; init; } = new();

    /// <summary>Members that steering does not touch, with the others of their variants.</summary>
    [Id(9)] public ImmutableArray<SimulationId> Protected { get; init; } = [];

    /// <summary>Numbers by which variants differ, by variant and name.</summary>
    [Id(10)] public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, double>> Parameters { get; init; } =
        ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, double>>.Empty;

    /// <summary>Questions of the research.</summary>
    [Id(11)] public ImmutableArray<ResearchObjective> Objectives { get; init; } = [];

    /// <summary>What variants have to do with, by variant; those without are not listed.</summary>
    [Id(12)] public ImmutableSortedDictionary<string, ImmutableArray<string>> Tags { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>The targets, also where only the metric that ranks was said.</summary>
    public ImmutableArray<MetricTarget> AllTargets() => Targets.Length > 0 || Metric is null
        ? Targets
        : [new() { Metric = Metric, Direction = HigherIsBetter ? MetricDirection.Higher : MetricDirection.Lower }];

    /// <summary>Whether both say the same.</summary>
    public static bool AreSame(ScenarioDefinition one, ScenarioDefinition other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return one with { Variants = other.Variants, Targets = other.Targets, Protected = other.Protected, Parameters = other.Parameters, Objectives = other.Objectives, Tags = other.Tags } == other
            && one.Variants.Count == other.Variants.Count
            && one.Variants.All(variant => other.Variants.TryGetValue(variant.Key, out var ids) && variant.Value.SequenceEqual(ids))
            && one.Targets.SequenceEqual(other.Targets)
            && one.Protected.SequenceEqual(other.Protected)
            && one.Parameters.Count == other.Parameters.Count
            && one.Parameters.All(variant => other.Parameters.TryGetValue(variant.Key, out var values) && variant.Value.SequenceEqual(values))
            && one.Objectives.Length == other.Objectives.Length
            && one.Objectives.Zip(other.Objectives).All(static pair => AreSame(pair.First, pair.Second))
            && one.Tags.Count == other.Tags.Count
            && one.Tags.All(variant => other.Tags.TryGetValue(variant.Key, out var tags) && variant.Value.SequenceEqual(tags));
    }

    private static bool AreSame(ResearchObjective one, ResearchObjective other) => one.Name == other.Name && one.Importance == other.Importance && one.TargetMetrics.SequenceEqual(other.TargetMetrics);
}
