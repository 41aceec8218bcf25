using System.Collections.Immutable;
using Orchestrator.Abstractions.Access;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Forecasting.Runtimes;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Explanations;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;
using Orleans.Concurrency;

namespace Orchestrator.Abstractions.Clusters;

/// <summary>
/// One cluster, by its id: its queue, leases and nodes. Kept in a ledger. What simulations, nodes and accounts tell it among themselves is closed to people but administrators.
/// </summary>
[Alias("orchestrator.cluster")]
public interface IClusterGrain : IGrainWithStringKey
{
    /// <summary>Puts an attempt into the queue. A repeat changes nothing and gets the present status; an older epoch than the stage's newest is refused as unknown.</summary>
    [Alias("request"), RequiresRole(Role.Administrator)]
    Task<LeaseStatus> RequestAsync(LeaseRequest request, CancellationToken cancellationToken = default);

    /// <summary>Takes the attempt out of the queue, or gives its nodes back. A repeat changes nothing.</summary>
    [Alias("release"), RequiresRole(Role.Administrator)]
    Task ReleaseAsync(AttemptId attempt, CancellationToken cancellationToken = default);

    /// <summary>Gives the nodes of an attempt back, and says how it ended: the cluster learns from it how long such work takes, and where it is fast. A repeat changes nothing.</summary>
    [Alias("end"), RequiresRole(Role.Administrator)]
    Task EndAsync(AttemptId attempt, LeaseEnding ending, CancellationToken cancellationToken = default);

    /// <summary>Passes an order on to the nodes of a granted attempt. Answers the present status: unknown or lost when there is nobody to order.</summary>
    [Alias("order"), RequiresRole(Role.Administrator)]
    Task<LeaseStatus> OrderAsync(LeaseOrder order, CancellationToken cancellationToken = default);

    /// <summary>Where an attempt stands.</summary>
    [Alias("get-lease"), ReadOnly]
    Task<LeaseStatus> GetLeaseAsync(AttemptId attempt, CancellationToken cancellationToken = default);

    /// <summary>A node changed: pull it. Repeats and lost calls do no harm.</summary>
    [Alias("node-changed"), OneWay, RequiresRole(Role.Administrator)]
    Task NodeChangedAsync(NodeId node);

    /// <summary>What an account may use changed: ask it. Repeats and lost calls do no harm.</summary>
    [Alias("account-changed"), OneWay, RequiresRole(Role.Administrator)]
    Task AccountChangedAsync(AccountId account);

    /// <summary>
    /// Where an attempt stands, asked by its simulation, which says when the attempt last made a checkpoint (null: never): what it would lose if it had to make way. That is kept in
    /// memory alone; whoever needs it again gets it with the next question.
    /// </summary>
    [Alias("read-lease"), RequiresRole(Role.Administrator)]
    Task<LeaseStatus> ReadLeaseAsync(AttemptId attempt, DateTimeOffset? checkpointedAt, CancellationToken cancellationToken = default);

    /// <summary>What keeps each of some requests from ever getting nodes of this cluster, in their order; "": nothing does, or the cluster has no nodes yet.</summary>
    [Alias("check"), ReadOnly]
    Task<ImmutableArray<string>> CheckAsync(ImmutableArray<ResourceRequest> requests, Ownership owner, CancellationToken cancellationToken = default);

    /// <summary>Adds maintenance windows, all or none: one, or those of a maintenance that rolls over groups of nodes. A name that is taken is refused, a repeat too.</summary>
    [Alias("add-windows"), RequiresRole(Role.Operator)]
    Task<ArrangementReply> AddWindowsAsync(ImmutableArray<MaintenanceWindow> windows, CancellationToken cancellationToken = default);

    /// <summary>Calls a window off before it begins. A repeat changes nothing.</summary>
    [Alias("cancel-window"), RequiresRole(Role.Operator)]
    Task<ArrangementReply> CancelWindowAsync(string window, string reason, CancellationToken cancellationToken = default);

    /// <summary>The work of an active window is done before its end. A repeat changes nothing.</summary>
    [Alias("complete-window"), RequiresRole(Role.Operator)]
    Task<ArrangementReply> CompleteWindowAsync(string window, CancellationToken cancellationToken = default);

    /// <summary>Decides a conflict that was left to operators: the newer reservation gets the nodes, or the others keep them.</summary>
    [Alias("decide-conflict"), RequiresRole(Role.Operator)]
    Task<ArrangementReply> DecideConflictAsync(string conflict, bool newer, CancellationToken cancellationToken = default);

    /// <summary>Asks for nodes at a time; a reservation that is accepted is confirmed at once, or once nodes are free of others. A name that is taken is refused, a repeat too.</summary>
    [Alias("request-reservation")]
    Task<ArrangementReply> RequestReservationAsync(Reservation reservation, CancellationToken cancellationToken = default);

    /// <summary>The work for which a reservation in force was made is done before its end; its nodes are free. A repeat changes nothing.</summary>
    [Alias("complete-reservation")]
    Task<ArrangementReply> CompleteReservationAsync(string reservation, CancellationToken cancellationToken = default);

    /// <summary>Gives a reservation back. A repeat changes nothing.</summary>
    [Alias("cancel-reservation")]
    Task<ArrangementReply> CancelReservationAsync(string reservation, string reason, CancellationToken cancellationToken = default);

    /// <summary>Windows with who blocks them, reservations, conflicts, priorities, deadlines, licences, energy and policy.</summary>
    [Alias("get-arrangements"), ReadOnly]
    Task<ArrangementsView> GetArrangementsAsync(CancellationToken cancellationToken = default);

    /// <summary>Sets the priority of a simulation, a stage of one, or a campaign, also of what is asked for later; in force with the next plan. Of others' work only by operators.</summary>
    [Alias("set-priority")]
    Task<ArrangementReply> SetPriorityAsync(PrioritySetting priority, CancellationToken cancellationToken = default);

    /// <summary>Changes the deadline of a simulation. Of others' work only by operators.</summary>
    [Alias("set-deadline")]
    Task<ArrangementReply> SetDeadlineAsync(DeadlineSetting deadline, CancellationToken cancellationToken = default);

    /// <summary>Plans are made by this policy from now on, as <see cref="PolicyText"/> writes it; "": by that with which the silo was started.</summary>
    [Alias("set-policy"), RequiresRole(Role.Administrator)]
    Task<ArrangementReply> SetPolicyAsync(string policy, CancellationToken cancellationToken = default);

    /// <summary>All licences that there are, by name.</summary>
    [Alias("set-licences"), RequiresRole(Role.Operator)]
    Task<ArrangementReply> SetLicencesAsync(ImmutableSortedDictionary<string, int> licences, CancellationToken cancellationToken = default);

    /// <summary>There are so many of some licences, by name; -1: one is there no more. What is not named stays, whoever changes it meanwhile. A repeat changes nothing.</summary>
    [Alias("change-licences"), RequiresRole(Role.Operator)]
    Task<ArrangementReply> ChangeLicencesAsync(ImmutableSortedDictionary<string, int> licences, CancellationToken cancellationToken = default);

    /// <summary>What energy costs, and the mode in force.</summary>
    [Alias("set-energy"), RequiresRole(Role.Operator)]
    Task<ArrangementReply> SetEnergyAsync(EnergyOutlook energy, CancellationToken cancellationToken = default);

    /// <summary>Has running work make way, protected or not; it goes back into the queue with its progress. A repeat changes nothing.</summary>
    [Alias("preempt"), RequiresRole(Role.Operator)]
    Task<ArrangementReply> PreemptAsync(AttemptId attempt, string reason, CancellationToken cancellationToken = default);

    /// <summary>
    /// Moves running work to other nodes: it checkpoints, leaves, and goes on elsewhere as long as there are other nodes. Refused while it is left alone after it made way, with the moment from which it may be
    /// moved; protected work, and work that is not known to make checkpoints, only with force. A repeat while it leaves changes nothing.
    /// </summary>
    [Alias("migrate"), RequiresRole(Role.Operator)]
    Task<ArrangementReply> MigrateAsync(MigrationOrder order, CancellationToken cancellationToken = default);

    /// <summary>Why a waiting attempt waits, who is ahead, when it starts, and what would start it sooner; null: it does not wait. It plans some dozens of times, beside the grain.</summary>
    [Alias("explain"), ReadOnly]
    Task<AttemptExplanation?> ExplainAsync(AttemptId attempt, CancellationToken cancellationToken = default);

    /// <summary>How long each of some work is likely to run, in their order, by what was learned, and where that comes from.</summary>
    [Alias("expect"), ReadOnly]
    Task<ImmutableArray<ExpectedDuration>> ExpectAsync(ImmutableArray<DurationQuestion> questions, CancellationToken cancellationToken = default);

    /// <summary>When everybody starts and ends by what is expected, as things are and with some changes: the queue is played forward, beside the grain, for some seconds at most. It changes nothing.</summary>
    [Alias("plan"), ReadOnly]
    Task<QueueForecast> PlanAsync(WhatIf what, CancellationToken cancellationToken = default);

    /// <summary>What each account is guaranteed, holds, borrows and lends now, by its id: those that have terms, or hold or wait for anything.</summary>
    [Alias("get-standings"), ReadOnly]
    Task<ImmutableArray<ShareStanding>> GetStandingsAsync(CancellationToken cancellationToken = default);

    /// <summary>The policy by which plans are made now, whoever set it, as <see cref="PolicyText"/> writes it.</summary>
    [Alias("get-policy"), ReadOnly]
    Task<string> GetPolicyAsync(CancellationToken cancellationToken = default);

    /// <summary>The energy mode in force, what energy costs, and what each mode would save.</summary>
    [Alias("get-energy"), ReadOnly]
    Task<EnergyReport> GetEnergyAsync(CancellationToken cancellationToken = default);

    /// <summary>Nodes, leases and queue.</summary>
    [Alias("get"), ReadOnly]
    Task<ClusterView> GetAsync(CancellationToken cancellationToken = default);
}
