using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Hooks;
using Orchestrator.Core.Scheduling.Matching;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Clusters;

/// <summary>Everything a cluster holds: the fold of its ledger. Keys of <see cref="Queue"/> and <see cref="Leases"/> are the texts of attempts, of <see cref="Nodes"/> node ids.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.cluster-state")]
public sealed record ClusterState
{
    /// <summary>The position in the ledger.</summary>
    [Id(0)] public long Version { get; init; }

    [Id(1)] public ImmutableDictionary<string, QueuedRequest> Queue { get; init; } = ImmutableDictionary<string, QueuedRequest>.Empty;

    [Id(2)] public ImmutableDictionary<string, ClusterLease> Leases { get; init; } = ImmutableDictionary<string, ClusterLease>.Empty;

    [Id(3)] public ImmutableDictionary<string, ClusterNode> Nodes { get; init; } = ImmutableDictionary<string, ClusterNode>.Empty;

    /// <summary>The newest epoch of every stage, by simulation and stage ("s-key/stage").</summary>
    [Id(4)] public ImmutableDictionary<string, StageEpoch> Epochs { get; init; } = ImmutableDictionary<string, StageEpoch>.Empty;

    /// <summary>Since when losses are held back, because so many nodes are silent that the silo itself may be cut off; null: they are not.</summary>
    [Id(5)] public DateTimeOffset? LossesHeldSince { get; init; }

    /// <summary>By id; those that are over are kept for a while.</summary>
    [Id(6)] public ImmutableSortedDictionary<string, MaintenanceWindow> Windows { get; init; } = ImmutableSortedDictionary<string, MaintenanceWindow>.Empty;

    /// <summary>By id; those that are over are kept for a while.</summary>
    [Id(7)] public ImmutableSortedDictionary<string, Reservation> Reservations { get; init; } = ImmutableSortedDictionary<string, Reservation>.Empty;

    /// <summary>By target: "s-key/stage", "s-key", or the name of a campaign.</summary>
    [Id(8)] public ImmutableDictionary<string, PrioritySetting> Priorities { get; init; } = ImmutableDictionary<string, PrioritySetting>.Empty;

    /// <summary>Deadlines that were changed, by simulation.</summary>
    [Id(9)] public ImmutableDictionary<string, DeadlineSetting> Deadlines { get; init; } = ImmutableDictionary<string, DeadlineSetting>.Empty;

    /// <summary>When the work of a simulation was preempted, newest last, of the last 24 hours and more; by simulation.</summary>
    [Id(10)] public ImmutableDictionary<string, ImmutableArray<DateTimeOffset>> Preempted { get; init; } = ImmutableDictionary<string, ImmutableArray<DateTimeOffset>>.Empty;

    /// <summary>As <see cref="PolicyText"/> writes it; "": as the silo was started with.</summary>
    [Id(11)] public string Policy { get; init; } = "";

    [Id(12)] public ImmutableSortedDictionary<string, int> Licences { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    [Id(13)] public EnergyOutlook Energy { get; init; } = new();

    [Id(14)] public LearnedSpeeds Speeds { get; init; } = LearnedSpeeds.Empty;

    [Id(15)] public HookVerdicts Hook { get; init; } = HookVerdicts.None;

    /// <summary>By id; those that were resolved long ago are forgotten.</summary>
    [Id(16)] public ImmutableSortedDictionary<string, ReservationConflict> Conflicts { get; init; } = ImmutableSortedDictionary<string, ReservationConflict>.Empty;

    /// <summary>The version at which windows, reservations, licences or the policy changed last: a plan made before it is not carried out.</summary>
    [Id(17)] public long ArrangedAt { get; init; }

    /// <summary>What was drawn of the budgets of accounts, by account.</summary>
    [Id(18)] public ImmutableSortedDictionary<string, Escrow> Escrows { get; init; } = ImmutableSortedDictionary<string, Escrow>.Empty;

    /// <summary>What was learned of the work that came and went.</summary>
    [Id(19)] public LearnedWork Work { get; init; } = LearnedWork.Empty;

    /// <summary>Parts of which nodes fell silent together, newest last; the newest few.</summary>
    [Id(30)] public ImmutableArray<LostTogether> Together { get; init; } = [];

    /// <summary>Numbers its events, from 1 without gaps.</summary>
    [Id(31)] public long EventSequence { get; init; }

    /// <summary>Events that are not in the log yet, in their order. The log is where the ledger is: while it is away nothing is decided that could fill this.</summary>
    [Id(32)] public ImmutableArray<OrchestratorEvent> Outbox { get; init; } = [];

    /// <summary>What scenarios that steering gave shares have got, by the ids of their sets.</summary>
    [Id(33)] public ImmutableSortedDictionary<string, ScenarioSetUse> Scenarios { get; init; } = ImmutableSortedDictionary<string, ScenarioSetUse>.Empty;

    /// <summary>The queue by class and submission, kept beside it so that a place in it is found without counting; null: not made yet. It is not stored.</summary>
    [field: NonSerialized]
    internal ImmutableSortedSet<LeaseRequest>? Turns { get; init; }
}

/// <summary>An attempt that waits for nodes.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.queued-request")]
public sealed record QueuedRequest
{
    [Id(0)] public LeaseRequest Request { get; init; } = new();

    [Id(1)] public DateTimeOffset Since { get; init; }

    /// <summary>Why the last plan passed it over; null: no plan looked at it yet.</summary>
    [Id(2)] public Scheduling.WaitReason? Reason { get; init; }

    /// <summary>When that reason was stored.</summary>
    [Id(3)] public DateTimeOffset? ReasonAt { get; init; }

    /// <summary>Others were asked to make way for it.</summary>
    [Id(4)] public bool IsMadeWayFor { get; init; }
}

/// <summary>The newest epoch of a stage.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.stage-epoch")]
public sealed record StageEpoch
{
    [Id(0)] public int Epoch { get; init; }

    /// <summary>Since when it neither waits nor holds anything; null: it does.</summary>
    [Id(1)] public DateTimeOffset? EndedAt { get; init; }
}
