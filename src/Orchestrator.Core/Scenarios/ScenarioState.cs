using System.Collections.Immutable;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios.Comparing;
using Orchestrator.Core.Scenarios.Criteria;
using Orchestrator.Core.Scenarios.Priorities;
using Orchestrator.Core.Scenarios.Reallocation;

namespace Orchestrator.Core.Scenarios;

/// <summary>All that is kept of one comparison.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.scenario-state")]
public sealed record ScenarioState
{
    public const int ObjectivesMax = 20;

    [Id(0)] public ScenarioStatus Status { get; init; }

    [Id(1)] public ScenarioDefinition Definition { get; init; } = new();

    [Id(2)] public ImmutableSortedDictionary<SimulationId, ScenarioMember> Members { get; init; } = ImmutableSortedDictionary<SimulationId, ScenarioMember>.Empty;

    /// <summary>What was ranked by, oldest first; the last is in force.</summary>
    [Id(3)] public ImmutableArray<ScenarioObjective> Objectives { get; init; } = [];

    /// <summary>Since when members differ from the last evaluation; null: they do not.</summary>
    [Id(4)] public DateTimeOffset? ChangedAt { get; init; }

    [Id(5)] public DateTimeOffset? EvaluatedAt { get; init; }

    /// <summary>The variants of the last evaluation, in its order.</summary>
    [Id(6)] public ImmutableArray<VariantEvaluation> Evaluation { get; init; } = [];

    /// <summary>Events that are not yet in the log, in order.</summary>
    [Id(7)] public ImmutableArray<OrchestratorEvent> Outbox { get; init; } = [];

    /// <summary>The number of its newest event.</summary>
    [Id(8)] public long EventSequence { get; init; }

    [Id(9)] public bool ReminderKept { get; init; }

    /// <summary>Simulations that are members no more, and whose cursors the log still keeps.</summary>
    [Id(10)] public ImmutableArray<SimulationId> Dropped { get; init; } = [];

    /// <summary>What variants were at evaluations, by variant, oldest first.</summary>
    [Id(11)] public ImmutableSortedDictionary<string, ImmutableArray<MetricSample>> Samples { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<MetricSample>>.Empty;

    [Id(12)] public AssessmentHistory Assessments { get; init; } = new();

    /// <summary>Of variants.</summary>
    [Id(13)] public ScenarioPriorities Priorities { get; init; } = new();

    /// <summary>Each variant against the best, at each reprioritization.</summary>
    [Id(14)] public ComparisonHistory Comparisons { get; init; } = new();

    /// <summary>Parts of the compute by variant, summing to 1: what is advised, and what the scheduler divides by when it steers. Empty: equal ones, nothing was moved yet.</summary>
    [Id(15)] public ImmutableSortedDictionary<string, double> Shares { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>The newest moves of shares, oldest first.</summary>
    [Id(16)] public ImmutableArray<AllocationChange> Moves { get; init; } = [];

    /// <summary>When priorities and shares were last thought over, or the comparison was defined.</summary>
    [Id(17)] public DateTimeOffset? ReprioritizedAt { get; init; }

    /// <summary>What was decided then and why, for people.</summary>
    [Id(18)] public ImmutableArray<string> Advice { get; init; } = [];

    /// <summary>By variant.</summary>
    [Id(19)] public ImmutableSortedDictionary<string, VariantRungs> Rungs { get; init; } = ImmutableSortedDictionary<string, VariantRungs>.Empty;

    /// <summary>Members that steering paused, or is about to.</summary>
    [Id(20)] public ImmutableArray<SimulationId> Held { get; init; } = [];

    /// <summary>The most members that held nodes at once: as many it keeps busy.</summary>
    [Id(21)] public int Width { get; init; }

    /// <summary>What simulations are still to be told.</summary>
    [Id(22)] public ImmutableSortedDictionary<SimulationId, MemberOrder> Orders { get; init; } = ImmutableSortedDictionary<SimulationId, MemberOrder>.Empty;

    // 23 was what variants promise: members have it themselves.

    /// <summary>What the site's own evaluator last said, by variant; empty: there is none, or it said nothing yet.</summary>
    [Id(24)] public ImmutableSortedDictionary<string, ImmutableArray<CriterionScore>> OutsideScores { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<CriterionScore>>.Empty;

    /// <summary>By variant, how much its members had reported when it was last judged, as a number that differs when there is more.</summary>
    [Id(25)] public ImmutableSortedDictionary<string, long> Judged { get; init; } = ImmutableSortedDictionary<string, long>.Empty;
}
