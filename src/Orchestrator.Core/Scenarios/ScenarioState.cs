using System.Collections.Immutable;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;

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
}
