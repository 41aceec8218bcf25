using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Events;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Grains.Effects;
using Orchestrator.Grains.Ledgers;
using Orchestrator.Grains.Nodes;
using Orchestrator.Grains.Reminders;
using Orchestrator.Grains.Telemetry;
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

    private OrchestratorMetrics Metrics => field ??= ServiceProvider.GetRequiredService<OrchestratorMetrics>();

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
        Metrics.Note(Key, store.State);
        duties = ClusterDuties.All(store.State);
        ArmEdges();
        ArmHook();
        pump.Arm();
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        pump.Stop();
        Metrics.Forget(Key);
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

    private LeaseStatus StatusOf(AttemptId attempt) => ClusterViews.Of(ClusterMachine.StatusOf(store.State, attempt), planner.Reasons);
}
