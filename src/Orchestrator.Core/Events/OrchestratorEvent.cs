using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Events;

/// <summary>
/// Something that happened: the payload of the event log, of server-sent events and of streams. One flat record, of which each kind (<see cref="EventKinds"/>) fills what
/// it knows; members are only ever added. Source and sequence name it: whoever got it before ignores it (invariant 9).
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.event")]
public sealed record OrchestratorEvent
{
    public const int CurrentVersion = 1;

    [Id(0)] public int Version { get; init; } = CurrentVersion;

    /// <summary>One of <see cref="EventKinds"/>.</summary>
    [Id(1)] public string Kind { get; init; } = "";

    /// <summary>The key of the grain that it comes from.</summary>
    [Id(2)] public string Source { get; init; } = "";

    /// <summary>From 1 without gaps, per source.</summary>
    [Id(3)] public long Sequence { get; init; }

    [Id(4)] public DateTimeOffset At { get; init; }

    /// <summary>What happened, as a sentence for people.</summary>
    [Id(5)] public string Text { get; init; } = "";

    [Id(6)] public SimulationId? Simulation { get; init; }

    [Id(7)] public string? Campaign { get; init; }

    [Id(8)] public ScenarioId? Scenario { get; init; }

    [Id(9)] public string? Variant { get; init; }

    [Id(10)] public int? Member { get; init; }

    /// <summary>Institution and project, as in a campaign file; who may read it.</summary>
    [Id(11)] public string? Project { get; init; }

    [Id(12)] public string? Stage { get; init; }

    [Id(13)] public int? Epoch { get; init; }

    /// <summary>The node concerned: the lead of an attempt, or the one that was lost.</summary>
    [Id(14)] public NodeId? Node { get; init; }

    /// <summary>The status of the simulation, stage or node after it, by name.</summary>
    [Id(15)] public string? Status { get; init; }

    /// <summary>Why an attempt ended, by name.</summary>
    [Id(16)] public string? End { get; init; }

    /// <summary>Of the stage, 0 to 1.</summary>
    [Id(17)] public double? Progress { get; init; }

    /// <summary>Of the whole simulation, 0 to 1.</summary>
    [Id(18)] public double? SimulationProgress { get; init; }

    [Id(19)] public long? Step { get; init; }

    [Id(20)] public ImmutableSortedDictionary<string, double>? Metrics { get; init; }

    /// <summary>The name of the checkpoint that was committed, restored or lost.</summary>
    [Id(21)] public string? Checkpoint { get; init; }

    /// <summary>Steps that will be done again after a loss.</summary>
    [Id(22)] public long? StepsAgain { get; init; }

    /// <summary>From the last sign of life to the decision that the node is lost.</summary>
    [Id(23)] public TimeSpan? NoticedAfter { get; init; }

    [Id(24)] public ResourceUse? Use { get; init; }

    [Id(25)] public string? User { get; init; }

    [Id(26)] public AccountId? Account { get; init; }

    /// <summary>With events of failures: what happened, and what is done about it.</summary>
    [Id(27)] public FailureRecord? Failure { get; init; }

    /// <summary>With pauses and their ends: the scenario set whose steering ordered it; null: a person did.</summary>
    [Id(28)] public ScenarioId? SteeredBy { get; init; }

    /// <summary>The user who ordered it; null: nobody did, or it was not kept.</summary>
    [Id(29)] public string? By { get; init; }

    /// <summary>With a checkpoint that was committed: how long it held its program up; null: it was not kept.</summary>
    [Id(40)] public TimeSpan? Cost { get; init; }

    /// <summary>With the end of an attempt on several nodes: all of them, the lead first; null: <see cref="Node"/> is all.</summary>
    [Id(30)] public ImmutableArray<NodeId>? Nodes { get; init; }
}
