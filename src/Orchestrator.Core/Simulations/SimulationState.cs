using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>
/// All that is kept of one simulation: its definition, where its stages stand, and what it still owes the world. It stays small: closed attempts, pruned checkpoints and
/// former estimates go to the history, events to the event log.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.simulation-state")]
public sealed record SimulationState
{
    [Id(0)] public SimulationStatus Status { get; init; }

    [Id(1)] public SimulationDefinition Definition { get; init; } = new();

    /// <summary>Its place in its campaign.</summary>
    [Id(2)] public int Order { get; init; }

    [Id(3)] public DateTimeOffset SubmittedAt { get; init; }

    /// <summary>When its first program ran.</summary>
    [Id(4)] public DateTimeOffset? StartedAt { get; init; }

    [Id(5)] public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it has this status, as a sentence.</summary>
    [Id(6)] public string? Reason { get; init; }

    /// <summary>In the order of the definition.</summary>
    [Id(7)] public ImmutableArray<StageState> Stages { get; init; } = [];

    /// <summary>Newest values; at most <see cref="MetricsMax"/> names.</summary>
    [Id(8)] public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Events that are not yet in the log, in order.</summary>
    [Id(9)] public ImmutableArray<OrchestratorEvent> Outbox { get; init; } = [];

    /// <summary>The number of the newest event.</summary>
    [Id(10)] public long EventSequence { get; init; }

    /// <summary>Grows with every change that matters; what is merely done of what was owed does not count.</summary>
    [Id(11)] public long Version { get; init; }

    /// <summary>The version that the index shows.</summary>
    [Id(12)] public long IndexedVersion { get; init; }

    /// <summary>Rows that are not yet in the history, in order.</summary>
    [Id(13)] public ImmutableArray<HistoryDraft> History { get; init; } = [];

    [Id(14)] public long HistorySequence { get; init; }

    /// <summary>Its end as estimated at submission.</summary>
    [Id(15)] public DateTimeOffset? BaselineEnd { get; init; }

    /// <summary>Attempts that are over, and whose leases the cluster still has.</summary>
    [Id(16)] public ImmutableArray<AttemptId> Releases { get; init; } = [];

    /// <summary>Of these a person said that nothing of them runs any more, which the cluster is to know with their release.</summary>
    [Id(60)] public ImmutableArray<AttemptId> DeclaredDead { get; init; } = [];

    /// <summary>Pruned checkpoints whose files are still there.</summary>
    [Id(17)] public ImmutableArray<CheckpointRecord> Deletions { get; init; } = [];

    /// <summary>Files of attempts that are over, which are to be removed.</summary>
    [Id(40)] public ImmutableArray<RunClearing> Clearings { get; init; } = [];

    /// <summary>It has ended and wakes no more.</summary>
    [Id(18)] public bool ReminderRemoved { get; init; }

    /// <summary>Keys of additions that were taken, with what tells whether the same one comes again.</summary>
    [Id(30)] public ImmutableSortedDictionary<string, string> Additions { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Stages as they were submitted, of those that wait for more since, or were changed.</summary>
    [Id(31)] public ImmutableSortedDictionary<string, StageDefinition> Originals { get; init; } = ImmutableSortedDictionary<string, StageDefinition>.Empty;

    /// <summary>How many stages were submitted, the others were added; 0: none was added or changed.</summary>
    [Id(32)] public int SubmittedStages { get; init; }

    /// <summary>Moments for which somebody wants a checkpoint of everything that runs then, the next first; at most <see cref="CheckpointsWantedMax"/>.</summary>
    [Id(19)] public ImmutableArray<DateTimeOffset> CheckpointsWanted { get; init; } = [];

    /// <summary>While it pauses or is paused: the scenario set whose steering did it; null: a person did.</summary>
    [Id(20)] public ScenarioId? PausedBy { get; init; }

    public const int MetricsMax = 256;
    public const int CheckpointsWantedMax = 100;

    [JsonIgnore]
    public bool IsFinal => Status >= SimulationStatus.Completed;

    /// <summary>The place of a stage, or -1.</summary>
    public int IndexOf(string stage) => Stages.IsEmpty ? -1 : Readiness.GraphOf(this).IndexOf(stage);
}
