using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Abstractions.Accounts;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Events;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Grains.Effects;
using Orchestrator.Grains.Ledgers;
using Orchestrator.Grains.Nodes;
using Orchestrator.Grains.Reminders;
using Orchestrator.Storage;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace Orchestrator.Grains.Clusters;

/// <summary>
/// One cluster: its ledger, and what it owes to nodes and simulations. It waits for nodes only; simulations are nudged and come to ask. Whatever nudge or event is lost, a
/// look at all nodes once per detection window finds, and after a restart everything is owed once.
/// <para>
/// Its calls interleave: inputs that come while one is stored are decided together and stored in one write, one batch after the other (<see cref="DrainAsync"/>), so that thousands
/// of requests cost some dozens of writes. What survives each <c>await</c> is that only the drain changes the ledger, and that whoever reads <see cref="LedgerStore{TState,TFact}.State"/>
/// sees what is stored.
/// </para>
/// </summary>
[GrainType("cluster"), ImplicitStreamSubscription(EventStreams.NodeEvents), Reentrant]
internal sealed partial class ClusterGrain(
    ILedger ledger,
    IEventLog log,
    PlanRunner plans,
    [FromKeyedServices(TimeProviderNames.Grains)] TimeProvider clock,
    TimeProvider realClock,
    IOptions<ClusterOptions> options,
    IOptions<NodeOptions> nodes,
    ILogger<ClusterGrain> logger) : Grain, IClusterGrain, IRemindable, IStreamSubscriptionObserver, IAsyncObserver<OrchestratorEvent>
{
    private const string ReminderName = "schedule";
    private const int BatchMax = 512;
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(5);

    /// <summary>A timer takes no longer times; it is armed again then.</summary>
    private static readonly TimeSpan DueMax = TimeSpan.FromDays(1);

    /// <summary>A look at thousands of nodes right after a start, or the first plan of a long queue, takes its time.</summary>
    private static readonly TimeSpan EffectDeadline = TimeSpan.FromMinutes(1);

    /// <summary>A window that is blocked is looked at again so often.</summary>
    private static readonly TimeSpan BlockedEvery = TimeSpan.FromMinutes(1);

    private ClusterPolicy policy = options.Value.PolicyOf(nodes.Value);
    private LedgerStore<ClusterState, ClusterFact> store = null!;
    private ClusterDuties duties = new();
    private EffectPump<ClusterEffect, ClusterOutcome> pump = null!;
    private readonly ClusterPlanner planner = new(plans, options.Value.PolicyOf(nodes.Value));
    private readonly Queue<Step> waiting = new();
    private ImmutableDictionary<AttemptId, DateTimeOffset> checkpoints = ImmutableDictionary<AttemptId, DateTimeOffset>.Empty;
    private IGrainTimer surveys = null!;
    private IGrainTimer edges = null!;
    private DateTimeOffset? edgeAt;
    private DateTimeOffset watchedSince;

    /// <summary>When the newest plan said that it would be another one; null: never, or that moment came.</summary>
    private DateTimeOffset? changeAt;
    private long plannedAtTimestamp;
    private (long Version, SchedulingPlan? Plan, ClusterView View)? shown;

    /// <summary>Accounts that changed since they were last sent an order: an answer that is under way may not know of it.</summary>
    private readonly HashSet<AccountId> accountsChanged = [];
    private bool isStepping;
    private bool isReminderSet;
    private bool isLost;

    private string Key => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        policy = policy with { Cluster = new(Key) };
        watchedSince = clock.GetUtcNow();
        store = new(
            ledger,
            Key,
            new() { Empty = new(), Apply = ClusterMachine.Apply, SnapshotAfter = options.Value.SnapshotAfter },
            () =>
            {
                isLost = true;
                DeactivateOnIdle();
            },
            logger,
            plans);
        this.RegisterGrainTimer(LookAtAccountsAsync, new GrainTimerCreationOptions(options.Value.AccountsEvery, options.Value.AccountsEvery) { KeepAlive = true });
        surveys = this.RegisterGrainTimer(SurveyAsync, new GrainTimerCreationOptions(policy.DetectionWindow, policy.DetectionWindow) { KeepAlive = true });
        edges = this.RegisterGrainTimer(PassAsync, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { KeepAlive = true });
        pump = new(
            this,
            new()
            {
                Owner = Key,
                Width = options.Value.EffectWidth,
                ApplyTogether = true,
                Deadline = EffectDeadline,
                Owed = () => isLost ? [] : duties.Owe(store.State),
                Lane = LaneOf,
                Perform = PerformAsync,
                Apply = ApplyAsync,
            },
            clock,
            logger);
        await store.LoadAsync(cancellationToken);
        duties = ClusterDuties.All(store.State);
        ArmEdges();
        ArmHook();
        pump.Arm();
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        pump.Stop();
        return Task.CompletedTask;
    }

    public async Task<LeaseStatus> RequestAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        await EnsureReminderAsync();
        return (await StepAsync(new ClusterInput.Requested(request))).Refusal is { } problem
            ? new() { Attempt = request.Attempt, State = LeaseState.Refused, Since = clock.GetUtcNow(), Problem = problem }
            : StatusOf(request.Attempt);
    }

    public Task ReleaseAsync(AttemptId attempt, CancellationToken cancellationToken) => StepAsync(new ClusterInput.Released(attempt));

    public Task EndAsync(AttemptId attempt, LeaseEnding ending, CancellationToken cancellationToken) => StepAsync(new ClusterInput.Released(attempt, ending));

    public async Task<LeaseStatus> OrderAsync(LeaseOrder order, CancellationToken cancellationToken)
    {
        await StepAsync(new ClusterInput.Ordered(order));
        return StatusOf(order.Attempt);
    }

    public Task<LeaseStatus> GetLeaseAsync(AttemptId attempt, CancellationToken cancellationToken) => Task.FromResult(StatusOf(attempt));

    public Task<LeaseStatus> ReadLeaseAsync(AttemptId attempt, DateTimeOffset? checkpointedAt, CancellationToken cancellationToken)
    {
        var status = StatusOf(attempt);
        if (status.State == LeaseState.Granted && checkpointedAt is { } at && !(checkpoints.TryGetValue(attempt, out var known) && known >= at))
        {
            checkpoints = checkpoints.SetItem(attempt, at);
            planner.NoteCheckpoint(attempt);
        }

        return Task.FromResult(status);
    }

    public async Task NodeChangedAsync(NodeId node)
    {
        Look(node);
        await EnsureReminderAsync();
    }

    public Task AccountChangedAsync(AccountId account)
    {
        if (isLost || !store.State.Escrows.ContainsKey(account.Value))
        {
            return Task.CompletedTask;
        }

        accountsChanged.Add(account);
        return StepAsync(new ClusterInput.AccountChanged(account));
    }

    public Task<ClusterView> GetAsync(CancellationToken cancellationToken)
    {
        // Many ask between two changes, and each would sort all there is.
        var state = store.State;
        if (shown is not { } last || last.Version != state.Version || last.Plan != planner.Plan)
        {
            shown = last = (state.Version, planner.Plan, ClusterViews.Of(new ClusterId(Key), state, planner.Reasons));
        }

        return Task.FromResult(last.View);
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        isReminderSet = true;
        await StepAsync(new ClusterInput.Tidied());
        var state = store.State;
        if (state.Nodes.IsEmpty && state.Queue.IsEmpty && state.Leases.IsEmpty && ClusterMachine.NextEdge(state, policy, clock.GetUtcNow()) is null)
        {
            if (await this.GetReminder(ReminderName) is { } reminder)
            {
                await this.UnregisterReminder(reminder);
            }

            isReminderSet = false;
            return;
        }

        // Simulations are nudged for what they hold: one that does not know its lease gives it back.
        duties = duties.Everything(state);
        pump.Arm();
    }

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<OrchestratorEvent>().ResumeAsync(this);

    public async Task OnNextAsync(OrchestratorEvent item, StreamSequenceToken? token = null)
    {
        if (NodeId.TryParse(item.Source, out var node))
        {
            // The pull takes in all that the node said up to this event and beyond: nothing that was not heard need be read.
            Look(node);
            await log.AdvanceAsync(Key, item.Source, item.Sequence);
        }
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    private static string LaneOf(ClusterEffect effect) => effect switch
    {
        ClusterEffect.SetWanted wanted => $"wanted/{wanted.Node}",
        ClusterEffect.Pull pull => $"node/{pull.Node}",
        ClusterEffect.Nudge nudge => $"simulation/{nudge.Simulation}",
        ClusterEffect.Switch power => $"power/{power.Node}",
        ClusterEffect.Survey => "survey",
        ClusterEffect.Exchange exchange => $"account/{exchange.Account}",
        ClusterEffect.Plan => "plan",
        _ => throw new UnreachableException($"A cluster has no lane for {effect}."),
    };

    private async Task EnsureReminderAsync()
    {
        if (!isReminderSet)
        {
            var period = ReminderPeriod + ReminderPhase.Of(Key, ReminderPeriod);
            await this.RegisterOrUpdateReminder(ReminderName, period, period);
            isReminderSet = true;
        }
    }

    private void Look(NodeId node)
    {
        duties = duties.Look(node);
        pump.Arm();
    }

    private Task SurveyAsync(CancellationToken cancellationToken)
    {
        if (!isLost && !store.State.Nodes.IsEmpty)
        {
            duties = duties.LookAtAll();
            pump.Arm();
        }

        return Task.CompletedTask;
    }

    private async Task<ClusterOutcome> PerformAsync(ClusterEffect effect, CancellationToken cancellationToken)
    {
        switch (effect)
        {
            case ClusterEffect.SetWanted wanted:
                await GrainFactory.GetGrain<INodeGrain>(wanted.Node.Value).SetWantedAsync(new() { Version = wanted.Version, Leases = wanted.Leases }, cancellationToken);
                return new(effect, null);
            case ClusterEffect.Pull pull:
                return new(effect, await PullAsync(pull.Node, cancellationToken) is { } seen ? new ClusterInput.Observed(seen) : null);
            case ClusterEffect.Survey survey:
                return new(effect, new ClusterInput.Surveyed(await PullAllAsync(survey.Nodes, cancellationToken), watchedSince));
            case ClusterEffect.Nudge nudge:
                await GrainFactory.GetGrain<ISimulationGrain>(nudge.Simulation.Value).NudgeAsync();
                return new(effect, null);
            case ClusterEffect.Switch power:
                if (ServiceProvider.GetService<INodeSwitch>() is { } switches)
                {
                    await switches.SwitchAsync(power.Node, power.On, cancellationToken);
                }

                return new(effect, null);
            case ClusterEffect.Exchange exchange:
                var reply = await GrainFactory.GetGrain<IAccountGrain>(exchange.Account.Value).ExchangeAsync(exchange.Order, cancellationToken);
                return new(effect, new ClusterInput.EscrowAnswered(exchange.Account, reply));
            case ClusterEffect.Plan:
                return new(effect, await PlanAsync(cancellationToken));
            default:
                throw new UnreachableException($"A cluster does not know how to do {effect}.");
        }
    }

    private async Task<NodeObservation?> PullAsync(NodeId node, CancellationToken cancellationToken) =>
        await GrainFactory.GetGrain<INodeGrain>(node.Value).GetAsync(cancellationToken) is { } view ? ClusterViews.Observe(view, Key) : null;

    private async Task<ImmutableArray<NodeObservation>> PullAllAsync(ImmutableArray<NodeId> ids, CancellationToken cancellationToken)
    {
        var seen = ImmutableArray.CreateBuilder<NodeObservation>(ids.Length);
        foreach (var some in ids.Chunk(options.Value.SurveyWidth))
        {
            foreach (var observation in await Task.WhenAll(some.Select(node => PullOrPassAsync(node, cancellationToken))))
            {
                if (observation is not null)
                {
                    seen.Add(observation);
                }
            }
        }

        return seen.ToImmutable();
    }

    /// <summary>A node that cannot be asked is out of sight of this look, and keeps nobody from seeing the others.</summary>
    private async Task<NodeObservation?> PullOrPassAsync(NodeId node, CancellationToken cancellationToken)
    {
        try
        {
            return await PullAsync(node, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            ClusterGrainLog.NodeNotRead(logger, Key, node, error);
            return null;
        }
    }

    /// <summary>
    /// One plan, on what is stored by then. It is made at once after a pause; else what happens until the interval is over is planned together. That is real time, whatever clock
    /// grains go by: it spares the machine.
    /// </summary>
    private async Task<ClusterInput> PlanAsync(CancellationToken cancellationToken)
    {
        var since = plannedAtTimestamp == 0 ? TimeSpan.MaxValue : realClock.GetElapsedTime(plannedAtTimestamp);
        if (since < options.Value.PlanInterval)
        {
            await Task.Delay(options.Value.PlanInterval - since, realClock, cancellationToken);
        }

        plannedAtTimestamp = realClock.GetTimestamp();
        var state = store.State;
        var plan = await planner.PlanAsync(state, checkpoints, clock.GetUtcNow(), cancellationToken);
        return new ClusterInput.Planned(plan, planner.PlannedTo);
    }

    private async Task ApplyAsync(ClusterOutcome outcome)
    {
        if (outcome.Input is { } input && !IsOfAStrangeNode(input))
        {
            await StepAsync(input);
        }

        // Only now: what could not be stored is still owed.
        switch (outcome.Effect)
        {
            case ClusterEffect.SetWanted wanted:
                duties = duties.Told(wanted.Node, wanted.Version);
                break;
            case ClusterEffect.Pull pull:
                duties = duties.Pulled(pull.Node, pull.Ticket);
                break;
            case ClusterEffect.Survey survey:
                duties = duties.Surveyed(survey.Ticket);
                if (ClusterMachine.NeedsSurvey(store.State, policy))
                {
                    // Losses are held back: look again when the next heartbeats are due.
                    surveys.Change(policy.HeartbeatInterval, policy.DetectionWindow);
                }

                break;
            case ClusterEffect.Switch power:
                duties = duties.Switched(power.Node, power.Ticket);
                break;
            case ClusterEffect.Nudge nudge:
                duties = duties.Nudged(nudge.Simulation, nudge.Ticket);
                break;
            case ClusterEffect.Plan when outcome.Input is ClusterInput.Planned planned:
                duties = duties.Planned(planned.Version);
                changeAt = planned.Plan.NextChange;
                ArmEdges();
                break;
        }
    }

    /// <summary>A node that is of another cluster and never was of this one.</summary>
    private bool IsOfAStrangeNode(ClusterInput input) =>
        input is ClusterInput.Observed { Node.Inventory: { Status: NodeStatus.SeenDead } inventory } && !store.State.Nodes.ContainsKey(inventory.Id.Value);

    /// <summary>Decides and stores, together with whatever else waits.</summary>
    private Task<Step> StepAsync(ClusterInput input)
    {
        var step = new Step(input);
        waiting.Enqueue(step);
        if (!isStepping)
        {
            isStepping = true;
            _ = DrainAsync();
        }

        return step.Done.Task;
    }

    /// <summary>
    /// One batch after the other until nothing waits; it alone changes the ledger. An input that cannot be decided fails alone; when a write fails, all that waits fails with it, since
    /// what is stored is no longer known. It never throws.
    /// </summary>
    private async Task DrainAsync()
    {
        List<Step> batch = [];
        try
        {
            while (waiting.Count > 0)
            {
                batch.Clear();
                while (batch.Count < BatchMax && waiting.TryDequeue(out var step))
                {
                    batch.Add(step);
                }

                await StoreAsync(batch);
            }
        }
        catch (Exception error)
        {
            foreach (var step in batch.Concat(waiting))
            {
                step.Done.TrySetException(error);
            }

            waiting.Clear();
        }
        finally
        {
            isStepping = false;
        }
    }

    private async Task StoreAsync(List<Step> batch)
    {
        var now = clock.GetUtcNow();
        var before = store.State;
        var draft = new ClusterDraft(before, now);
        foreach (var step in batch)
        {
            var mark = draft.Mark;
            try
            {
                step.Refusal = ClusterMachine.Refusal(draft.State, step.Input, policy, now);
                if (step.Refusal is null)
                {
                    ClusterMachine.Decide(draft, step.Input, policy);
                    step.Decided = step.Input is ClusterInput.ReservationRequested ? draft.Decided : null;
                    step.Changed = draft.Facts.Count > mark.Facts;
                }
            }
            catch (Exception error)
            {
                draft.GoBack(mark);
                step.Done.TrySetException(error);
            }
        }

        await store.AppendAsync(draft.Facts, now);
        Follow(before, draft.Facts, batch, now);
        foreach (var step in batch)
        {
            step.Done.TrySetResult(step);
        }
    }

    /// <summary>What follows in memory from what was stored.</summary>
    private void Follow(ClusterState before, List<ClusterFact> facts, List<Step> batch, DateTimeOffset now)
    {
        var after = store.State;
        duties = duties.After(before, after, facts);
        planner.Note(facts, after);
        var isFreed = false;
        foreach (var fact in facts)
        {
            ClusterGrainLog.Fact(logger, Key, fact);
            if (fact is ClusterFact.EscrowSent sent)
            {
                accountsChanged.Remove(sent.Account);
            }
            else if (fact is ClusterFact.EscrowAnswered answered && accountsChanged.Contains(answered.Account))
            {
                _ = StepAsync(new ClusterInput.AccountChanged(answered.Account));
            }

            if (fact is ClusterFact.Released released)
            {
                checkpoints = checkpoints.Remove(released.Attempt);
            }

            isFreed |= fact is ClusterFact.Vacated or ClusterFact.Released;
        }

        foreach (var step in batch)
        {
            switch (step.Input)
            {
                case ClusterInput.Observed observed:
                    duties = duties.Compare(after, observed.Node);
                    if (ClusterMachine.NeedsSurvey(after, policy, observed.Node.Inventory.Id))
                    {
                        duties = duties.LookAtAll();
                    }

                    break;
                case ClusterInput.Surveyed surveyed:
                    foreach (var seen in surveyed.Nodes)
                    {
                        duties = duties.Compare(after, seen);
                    }

                    break;
            }
        }

        if (isFreed && ClusterMachine.IsBlocked(after))
        {
            // A window may have waited for just this.
            ArmEdges(now);
        }
        else if (!ReferenceEquals(before.Windows, after.Windows) || !ReferenceEquals(before.Reservations, after.Reservations) || !ReferenceEquals(before.Escrows, after.Escrows))
        {
            ArmEdges();
        }

        pump.Arm();
    }

    /// <summary>Wakes at the next moment at which something begins or ends by time alone, or at which the plan said that it would be another one.</summary>
    private void ArmEdges(DateTimeOffset? at = null)
    {
        if (isLost)
        {
            return;
        }

        var now = clock.GetUtcNow();
        var next = at ?? ClusterMachine.NextEdge(store.State, policy, now);
        if (changeAt is { } change && (next is null || change < next))
        {
            next = change;
        }

        if (ClusterMachine.IsBlocked(store.State) && (next is null || now + BlockedEvery < next))
        {
            next = now + BlockedEvery;
        }

        edgeAt = next;
        var wait = next is { } due ? due - now : Timeout.InfiniteTimeSpan;
        edges.Change(next is null ? wait : wait <= TimeSpan.Zero ? TimeSpan.Zero : wait < DueMax ? wait : DueMax, Timeout.InfiniteTimeSpan);
    }

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        if (isLost || edgeAt is not { } due)
        {
            return;
        }

        var now = clock.GetUtcNow();
        if (now < due)
        {
            ArmEdges(due);
            return;
        }

        // Whether another plan is owed or not: the moment came, and keeps no later one from being waited for.
        (edgeAt, changeAt) = (null, changeAt > now ? changeAt : null);
        await StepAsync(new ClusterInput.Passed());
        duties = duties.Replan(store.State);
        ArmEdges();
        pump.Arm();
    }

    /// <summary>
    /// What accounts used is looked at again for the order of the queue, in memory alone; when one got other shares, limits or budgets it is asked anew, and the answer is stored.
    /// </summary>
    private async Task LookAtAccountsAsync(CancellationToken cancellationToken)
    {
        if (isLost)
        {
            return;
        }

        foreach (var (account, escrow) in store.State.Escrows)
        {
            if (escrow is not { Sent: null, Standing: { } known })
            {
                continue;
            }

            try
            {
                var standing = await GrainFactory.GetGrain<IAccountGrain>(account).StandingAsync(cancellationToken);
                planner.NoteStanding(account, standing);
                if (!ClusterViews.IsLike(known, standing))
                {
                    await StepAsync(new ClusterInput.AccountChanged(new(account)));
                }
            }
            catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                ClusterGrainLog.AccountNotRead(logger, Key, account, error);
            }
        }
    }

    private LeaseStatus StatusOf(AttemptId attempt) => ClusterViews.Of(ClusterMachine.StatusOf(store.State, attempt), planner.Reasons);

    /// <summary>An input that waits to be decided and stored.</summary>
    private sealed class Step(ClusterInput input)
    {
        public ClusterInput Input => input;

        /// <summary>Why it was refused; null: it was not.</summary>
        public string? Refusal { get; set; }

        /// <summary>What became of a reservation that was asked for.</summary>
        public ReservationDecision? Decided { get; set; }

        /// <summary>Facts followed from it.</summary>
        public bool Changed { get; set; }

        /// <summary>Continuations run as turns of the grain, not inside the drain.</summary>
        public TaskCompletionSource<Step> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
