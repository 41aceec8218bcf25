using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Hooks;
using Orchestrator.Core.Scheduling.Matching;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Clusters;

/// <summary>One entry of a cluster's ledger: what was decided, so that it can be explained afterwards (invariant 10). The names are pinned.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact")]
[JsonDerivedType(typeof(Requested), "lease-requested")]
[JsonDerivedType(typeof(Withdrawn), "lease-withdrawn")]
[JsonDerivedType(typeof(Granted), "lease-granted")]
[JsonDerivedType(typeof(Ordered), "lease-ordered")]
[JsonDerivedType(typeof(Lost), "lease-lost")]
[JsonDerivedType(typeof(Released), "lease-released")]
[JsonDerivedType(typeof(Vacated), "share-vacated")]
[JsonDerivedType(typeof(NodeChanged), "node-changed")]
[JsonDerivedType(typeof(NodeForgotten), "node-forgotten")]
[JsonDerivedType(typeof(PassedOver), "requests-passed-over")]
[JsonDerivedType(typeof(LossesHeld), "losses-held")]
[JsonDerivedType(typeof(EpochsForgotten), "epochs-forgotten")]
[JsonDerivedType(typeof(FellTogether), "nodes-fell-together")]
[JsonDerivedType(typeof(Preempted), "lease-preempted")]
[JsonDerivedType(typeof(Relocated), "lease-relocated")]
[JsonDerivedType(typeof(WindowSet), "window-set")]
[JsonDerivedType(typeof(WindowForgotten), "window-forgotten")]
[JsonDerivedType(typeof(ReservationSet), "reservation-set")]
[JsonDerivedType(typeof(ReservationForgotten), "reservation-forgotten")]
[JsonDerivedType(typeof(ConflictSet), "conflict-set")]
[JsonDerivedType(typeof(PrioritySet), "priority-set")]
[JsonDerivedType(typeof(DeadlineSet), "deadline-set")]
[JsonDerivedType(typeof(PolicySet), "policy-set")]
[JsonDerivedType(typeof(LicencesSet), "licences-set")]
[JsonDerivedType(typeof(EnergySet), "energy-set")]
[JsonDerivedType(typeof(SpeedsLearned), "speeds-learned")]
[JsonDerivedType(typeof(HookSaid), "hook-said")]
[JsonDerivedType(typeof(WorkLearned), "work-learned")]
[JsonDerivedType(typeof(PowerOrdered), "node-power-ordered")]
[JsonDerivedType(typeof(SettingsForgotten), "settings-forgotten")]
[JsonDerivedType(typeof(EscrowSent), "escrow-sent")]
[JsonDerivedType(typeof(EscrowAnswered), "escrow-answered")]
[JsonDerivedType(typeof(Happened), "event-happened")]
[JsonDerivedType(typeof(Published), "events-published")]
public abstract record ClusterFact
{
    private ClusterFact()
    {
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-requested")]
    public sealed record Requested : ClusterFact
    {
        [Id(0)] public LeaseRequest Request { get; init; } = new();
    }

    /// <summary>Taken out of the queue.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-withdrawn")]
    public sealed record Withdrawn : ClusterFact
    {
        [Id(0)] public AttemptId Attempt { get; init; }
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-granted")]
    public sealed record Granted : ClusterFact
    {
        [Id(0)] public AttemptId Attempt { get; init; }

        [Id(1)] public ImmutableArray<NodeShare> Shares { get; init; } = [];

        /// <summary>What its account pays for it, reserved with the grant; null: no account does.</summary>
        [Id(2)] public LeaseCharge? Charge { get; init; }

        /// <summary>How long it was then likely to run, by what was learned, where its request did not say; null: nothing was.</summary>
        [Id(3)] public TimeSpan? DurationExpected { get; init; }
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-ordered")]
    public sealed record Ordered : ClusterFact
    {
        /// <summary>All that is asked of it from now on.</summary>
        [Id(0)] public LeaseOrder Order { get; init; } = new();

        /// <summary>Why the cluster itself asks it to leave; absent: it does not.</summary>
        [Id(1)] public StopReason Stop { get; init; }
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-lost")]
    public sealed record Lost : ClusterFact
    {
        [Id(0)] public AttemptId Attempt { get; init; }

        [Id(1)] public NodeId Node { get; init; }

        [Id(2)] public DateTimeOffset? LastSeen { get; init; }

        /// <summary>Something is learned of the node from it.</summary>
        [Id(3)] public bool Counts { get; init; }
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-released")]
    public sealed record Released : ClusterFact
    {
        [Id(0)] public AttemptId Attempt { get; init; }

        /// <summary>Something is learned of its nodes from it: they did well, or <see cref="NodeAtFault"/>.</summary>
        [Id(1)] public bool Counts { get; init; }

        [Id(2)] public bool NodeAtFault { get; init; }
    }

    /// <summary>The node's share of a lease that is over is free again.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-vacated")]
    public sealed record Vacated : ClusterFact
    {
        [Id(0)] public AttemptId Attempt { get; init; }

        [Id(1)] public NodeId Node { get; init; }
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-node-changed")]
    public sealed record NodeChanged : ClusterFact
    {
        [Id(0)] public NodeInventory Inventory { get; init; } = new();

        /// <summary>It gets no new work.</summary>
        [Id(1)] public bool Withheld { get; init; }
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-node-forgotten")]
    public sealed record NodeForgotten : ClusterFact
    {
        [Id(0)] public NodeId Node { get; init; }
    }

    /// <summary>Why queued requests wait; those whose reason is another than before.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-passed-over")]
    public sealed record PassedOver : ClusterFact
    {
        [Id(0)] public ImmutableArray<WaitingRequest> Waiting { get; init; } = [];
    }

    /// <summary>Losses are held back since then; null: no longer.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-losses-held")]
    public sealed record LossesHeld : ClusterFact
    {
        [Id(0)] public DateTimeOffset? Since { get; init; }
    }

    /// <summary>Nodes of one part fell silent at the same time: one event.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-lost-together")]
    public sealed record FellTogether : ClusterFact
    {
        [Id(0)] public LostTogether Loss { get; init; } = new();
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-epochs-forgotten")]
    public sealed record EpochsForgotten : ClusterFact
    {
        /// <summary>Simulation and stage, as in <see cref="ClusterState.Epochs"/>.</summary>
        [Id(0)] public ImmutableArray<string> Stages { get; init; } = [];
    }

    /// <summary>It was chosen to make way; the order to leave is a fact of its own.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-preempted")]
    public sealed record Preempted : ClusterFact
    {
        [Id(0)] public Preemption Preemption { get; init; } = new();
    }

    /// <summary>It is moved at a checkpoint with little lost, which protection allows.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-relocated")]
    public sealed record Relocated : ClusterFact
    {
        [Id(0)] public Preemption Preemption { get; init; } = new();
    }

    /// <summary>A maintenance window as it is from now on: new, or changed.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-window-set")]
    public sealed record WindowSet : ClusterFact
    {
        [Id(0)] public MaintenanceWindow Window { get; init; } = new();
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-window-forgotten")]
    public sealed record WindowForgotten : ClusterFact
    {
        [Id(0)] public string Window { get; init; } = "";
    }

    /// <summary>A reservation as it is from now on: new, or one step further.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-reservation-set")]
    public sealed record ReservationSet : ClusterFact
    {
        [Id(0)] public Reservation Reservation { get; init; } = new();
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-reservation-forgotten")]
    public sealed record ReservationForgotten : ClusterFact
    {
        [Id(0)] public string Reservation { get; init; } = "";
    }

    /// <summary>Somebody put a priority in place of the computed one.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-priority-set")]
    public sealed record PrioritySet : ClusterFact
    {
        [Id(0)] public PrioritySetting Priority { get; init; } = new();
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-deadline-set")]
    public sealed record DeadlineSet : ClusterFact
    {
        [Id(0)] public DeadlineSetting Deadline { get; init; } = new();
    }

    /// <summary>Plans are made by these settings from now on.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-policy-set")]
    public sealed record PolicySet : ClusterFact
    {
        /// <summary>As <see cref="PolicyText"/> writes them; "": as the silo was started with.</summary>
        [Id(0)] public string Policy { get; init; } = "";

        [Id(1)] public string By { get; init; } = "";
    }

    /// <summary>All licences that there are.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-licences-set")]
    public sealed record LicencesSet : ClusterFact
    {
        [Id(0)] public ImmutableSortedDictionary<string, int> Licences { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

        [Id(1)] public string By { get; init; } = "";
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-energy-set")]
    public sealed record EnergySet : ClusterFact
    {
        [Id(0)] public EnergyOutlook Energy { get; init; } = new();

        [Id(1)] public string By { get; init; } = "";
    }

    /// <summary>All that is known of how fast kinds of work run on kinds of nodes.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-speeds-learned")]
    public sealed record SpeedsLearned : ClusterFact
    {
        [Id(0)] public LearnedSpeeds Speeds { get; init; } = LearnedSpeeds.Empty;
    }

    /// <summary>An attempt ended by itself: how long it took, and how fast its kind of work therefore is on that kind of node.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-work-learned")]
    public sealed record WorkLearned : ClusterFact
    {
        [Id(0)] public string User { get; init; } = "";

        [Id(1)] public EndedRun Run { get; init; } = new();

        /// <summary>Speeds that are others from now on, as in <see cref="LearnedSpeeds.Speeds"/>.</summary>
        [Id(2)] public ImmutableSortedDictionary<string, double> Speeds { get; init; } = ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal);

        /// <summary>Users of whom nothing is known any more.</summary>
        [Id(3)] public ImmutableArray<string> ForgottenUsers { get; init; } = [];

        /// <summary>Speeds that are not known any more, as in <see cref="LearnedSpeeds.Speeds"/>.</summary>
        [Id(4)] public ImmutableArray<string> ForgottenSpeeds { get; init; } = [];
    }

    /// <summary>What the site's hook says from now on of attempts that wait.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-hook-said")]
    public sealed record HookSaid : ClusterFact
    {
        [Id(0)] public HookVerdicts Verdicts { get; init; } = HookVerdicts.None;
    }

    /// <summary>A node is switched.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-power-ordered")]
    public sealed record PowerOrdered : ClusterFact
    {
        [Id(0)] public PowerOrder Order { get; init; } = new();

        /// <summary>When the switch is done, by the node's own figures.</summary>
        [Id(1)] public DateTimeOffset DoneAt { get; init; }
    }

    /// <summary>A conflict between reservations and windows, as it stands from now on.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-conflict-set")]
    public sealed record ConflictSet : ClusterFact
    {
        [Id(0)] public ReservationConflict Conflict { get; init; } = new();
    }

    /// <summary>An account is asked: what was used is settled, what is not needed goes back, what starts need is drawn.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-escrow-sent")]
    public sealed record EscrowSent : ClusterFact
    {
        [Id(0)] public AccountId Account { get; init; }

        [Id(1)] public EscrowOrder Order { get; init; } = new();
    }

    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-escrow-answered")]
    public sealed record EscrowAnswered : ClusterFact
    {
        [Id(0)] public AccountId Account { get; init; }

        [Id(1)] public EscrowReply Reply { get; init; } = new();
    }

    /// <summary>Something to be told: it waits in the outbox until it is in the log.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-happened")]
    public sealed record Happened : ClusterFact
    {
        [Id(0)] public OrchestratorEvent Event { get; init; } = new();
    }

    /// <summary>Events of the outbox are in the log.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-published")]
    public sealed record Published : ClusterFact
    {
        /// <summary>Of the last of them.</summary>
        [Id(0)] public long Sequence { get; init; }
    }

    /// <summary>Priorities, deadlines and counts of what is long over.</summary>
    [GenerateSerializer, Immutable, Alias("orchestrator.cluster-fact-settings-forgotten")]
    public sealed record SettingsForgotten : ClusterFact
    {
        /// <summary>Targets, as in <see cref="ClusterState.Priorities"/>.</summary>
        [Id(0)] public ImmutableArray<string> Targets { get; init; } = [];

        /// <summary>Conflicts, as in <see cref="ClusterState.Conflicts"/>.</summary>
        [Id(1)] public ImmutableArray<string> Conflicts { get; init; } = [];

        /// <summary>Simulations, as in <see cref="ClusterState.Deadlines"/>.</summary>
        [Id(2)] public ImmutableArray<string> Deadlines { get; init; } = [];

        /// <summary>Simulations, as in <see cref="ClusterState.Preempted"/>.</summary>
        [Id(3)] public ImmutableArray<string> Preemptions { get; init; } = [];
    }
}
