using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios;
using Orchestrator.Core.Scenarios.Comparing;
using Orchestrator.Core.Scenarios.Criteria;
using Orchestrator.Core.Scenarios.Priorities;
using Orchestrator.Core.Scenarios.Reallocation;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Abstractions.Scenarios;

/// <summary>A comparison as it stands.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.scenario-view")]
public sealed record ScenarioView
{
    [Id(0)] public ScenarioDefinition Definition { get; init; } = new();

    /// <summary>Best first where there is a ranking, else by name.</summary>
    [Id(1)] public ImmutableArray<VariantView> Variants { get; init; } = [];

    /// <summary>When it was last evaluated; null: never.</summary>
    [Id(2)] public DateTimeOffset? EvaluatedAt { get; init; }

    /// <summary>What the criteria say of each variant now, by name.</summary>
    [Id(3)] public ImmutableArray<Assessment> Assessments { get; init; } = [];

    /// <summary>Of variants, with the newest changes.</summary>
    [Id(4)] public ScenarioPriorities Priorities { get; init; } = new();

    /// <summary>Parts of the compute by variant; empty: nothing was moved, they are equal.</summary>
    [Id(5)] public ImmutableSortedDictionary<string, double> Shares { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>The newest moves of shares, oldest first.</summary>
    [Id(6)] public ImmutableArray<AllocationChange> Moves { get; init; } = [];

    /// <summary>What was last decided or advised, and why.</summary>
    [Id(7)] public ImmutableArray<string> Advice { get; init; } = [];

    /// <summary>Members that steering paused.</summary>
    [Id(8)] public ImmutableArray<SimulationId> Held { get; init; } = [];

    /// <summary>When priorities and shares were last thought over.</summary>
    [Id(9)] public DateTimeOffset? ReprioritizedAt { get; init; }

    /// <summary>The newest of each variant against the best of its time, oldest first.</summary>
    [Id(10)] public ImmutableArray<ScenarioComparison> Comparisons { get; init; } = [];

    /// <summary>Evaluations that are kept of each variant, oldest first.</summary>
    [Id(11)] public AssessmentHistory History { get; init; } = new();

    /// <summary>With steering: what each variant asked for and got of the cluster since shares changed last, by name; empty: no share was told yet. The gateway asks the cluster.</summary>
    [Id(12)] public ImmutableArray<ScenarioReceived> Received { get; init; } = [];

    /// <summary>Pairs of which each is strong where the other is weak, the most complementary first, ten at most; empty with more variants than can be paired at once.</summary>
    [Id(13)] public ImmutableArray<ComplementaryPair> Complementary { get; init; } = [];

    /// <summary>Groups of variants that are so alike that one of them might do; who is alone is in none.</summary>
    [Id(14)] public ImmutableArray<ImmutableArray<string>> Alike { get; init; } = [];
}

/// <summary>One variant over its members.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.variant-view")]
public sealed record VariantView
{
    [Id(0)] public string Name { get; init; } = "";

    /// <summary>By member.</summary>
    [Id(1)] public ImmutableArray<MemberView> Members { get; init; } = [];

    /// <summary>Over the members that reported it.</summary>
    [Id(2)] public ImmutableSortedDictionary<string, MetricSummary> Metrics { get; init; } = ImmutableSortedDictionary<string, MetricSummary>.Empty;

    /// <summary>From 1, by the mean of the objective; 0: not ranked.</summary>
    [Id(3)] public int Rank { get; init; }
}

/// <summary>One member of a variant.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.member-view")]
public sealed record MemberView
{
    [Id(0)] public SimulationId Simulation { get; init; }

    [Id(1)] public SimulationStatus Status { get; init; }

    /// <summary>0 to 1.</summary>
    [Id(2)] public double Progress { get; init; }

    [Id(3)] public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;
}
