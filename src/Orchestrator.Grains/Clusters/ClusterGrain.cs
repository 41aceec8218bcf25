using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Events;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Grains.Effects;
using Orchestrator.Grains.Ledgers;
using Orchestrator.Grains.Nodes;
using Orchestrator.Grains.Reminders;
using Orchestrator.Storage;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace Orchestrator.Grains.Clusters;

/// <summary>
/// One cluster: its ledger, and what it owes to nodes and simulations. It waits for nodes only; simulations are nudged and come to ask. Whatever nudge or event is lost, a
/// look at all nodes once per detection window finds, and after a restart everything is owed once.
/// </summary>
[GrainType("cluster"), ImplicitStreamSubscription(EventStreams.NodeEvents)]
internal sealed class ClusterGrain(
    ILedger ledger,
    IEventLog log,
    PlanRunner plans,
    [FromKeyedServices(TimeProviderNames.Grains)] TimeProvider clock,
    IOptions<ClusterOptions> options,
    IOptions<NodeOptions> nodes,
    ILogger<ClusterGrain> logger) : Grain, IClusterGrain, IRemindable, IStreamSubscriptionObserver, IAsyncObserver<OrchestratorEvent>
{
    private const string ReminderName = "schedule";
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(5);

    private readonly ClusterPolicy policy = options.Value.Policy(nodes.Value);
    private LedgerStore<ClusterState, ClusterFact> store = null!;
    private ClusterDuties duties = new();
    private EffectPump<ClusterEffect, ClusterOutcome> pump = null!;
    private IGrainTimer surveys = null!;
    private bool isReminderSet;
    private bool isLost;

    private string Key => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        store = new(
            ledger,
            Key,
            new() { Empty = new(), Apply = ClusterMachine.Apply, SnapshotAfter = options.Value.SnapshotAfter },
            () =>
            {
                isLost = true;
                DeactivateOnIdle();
            },
            logger);
        surveys = this.RegisterGrainTimer(SurveyAsync, new GrainTimerCreationOptions(policy.DetectionWindow, policy.DetectionWindow) { KeepAlive = true });
        pump = new(
            this,
            new()
            {
                Owner = Key,
                Owed = () => isLost ? [] : duties.Owed(store.State),
                Lane = LaneOf,
                Perform = PerformAsync,
                Apply = ApplyAsync,
            },
            clock,
            logger);
        await store.LoadAsync(cancellationToken);
        duties = ClusterDuties.All(store.State);
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
        await StepAsync(new ClusterInput.Requested(request));
        return ClusterMachine.StatusOf(store.State, request.Attempt);
    }

    public Task ReleaseAsync(AttemptId attempt, CancellationToken cancellationToken) => StepAsync(new ClusterInput.Released(attempt));

    public async Task<LeaseStatus> OrderAsync(LeaseOrder order, CancellationToken cancellationToken)
    {
        await StepAsync(new ClusterInput.Ordered(order));
        return ClusterMachine.StatusOf(store.State, order.Attempt);
    }

    public Task<LeaseStatus> GetLeaseAsync(AttemptId attempt, CancellationToken cancellationToken) => Task.FromResult(ClusterMachine.StatusOf(store.State, attempt));

    public async Task NodeChangedAsync(NodeId node)
    {
        Look(node);
        await EnsureReminderAsync();
    }

    public Task<ClusterView> GetAsync(CancellationToken cancellationToken) => Task.FromResult(ClusterViews.Of(new ClusterId(Key), store.State));

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        isReminderSet = true;
        await StepAsync(new ClusterInput.Tidied());
        var state = store.State;
        if (state.Nodes.IsEmpty && state.Queue.IsEmpty && state.Leases.IsEmpty)
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
        ClusterEffect.Survey => "survey",
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
                return new(effect, new ClusterInput.Surveyed(await PullAllAsync(survey.Nodes, cancellationToken)));
            case ClusterEffect.Nudge nudge:
                await GrainFactory.GetGrain<ISimulationGrain>(nudge.Simulation.Value).NudgeAsync();
                return new(effect, null);
            case ClusterEffect.Plan plan:
                return new(effect, new ClusterInput.Planned(await plans.RunAsync(plan.State, clock.GetUtcNow(), cancellationToken), plan.State.Version));
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
            foreach (var observation in await Task.WhenAll(some.Select(node => PullAsync(node, cancellationToken))))
            {
                if (observation is not null)
                {
                    seen.Add(observation);
                }
            }
        }

        return seen.ToImmutable();
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
            case ClusterEffect.Nudge nudge:
                duties = duties.Nudged(nudge.Simulation, nudge.Ticket);
                break;
            case ClusterEffect.Plan plan:
                duties = duties.Planned(plan.State.Version);
                break;
        }
    }

    /// <summary>A node that is of another cluster and never was of this one.</summary>
    private bool IsOfAStrangeNode(ClusterInput input) =>
        input is ClusterInput.Observed { Node.Inventory: { Status: NodeStatus.SeenDead } inventory } && !store.State.Nodes.ContainsKey(inventory.Id.Value);

    private async Task StepAsync(ClusterInput input)
    {
        var now = clock.GetUtcNow();
        var before = store.State;
        var facts = ClusterMachine.Decide(before, input, policy, now);
        await store.AppendAsync(facts, now);
        var after = store.State;
        duties = duties.After(before, after, facts);
        foreach (var fact in facts)
        {
            ClusterGrainLog.Fact(logger, Key, fact);
        }

        switch (input)
        {
            case ClusterInput.Observed observed:
                duties = duties.Compare(after, observed.Node);
                if (ClusterMachine.NeedsSurvey(after, policy))
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

        pump.Arm();
    }
}
