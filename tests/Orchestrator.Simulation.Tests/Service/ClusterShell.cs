using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Simulation.Tests.Worlds;

namespace Orchestrator.Simulation.Tests.Service;

/// <summary>
/// As ClusterGrain: inputs that come while one is stored are decided together and stored in one write; what follows in memory follows from what is stored. Simplified: no accounts, no hook,
/// no switches of nodes, no width of effects; a plan takes its time between its making and its coming back.
/// </summary>
internal sealed class ClusterShell(Activation activation, Parts parts) : Shell(activation)
{
    private static readonly TimeSpan PlanInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BlockedEvery = TimeSpan.FromMinutes(1);
    private const int SnapshotAfter = 50;

    private readonly ClusterPolicy policy = parts.ClusterPolicy;
    private readonly Planner planner = new(parts.ClusterPolicy);
    private readonly Queue<Waiting> waiting = new();
    private readonly Dictionary<AttemptId, DateTimeOffset> checkpoints = [];
    private ClusterState state = new();
    private long sequence;
    private long snapshotAt;
    private ClusterDuties duties = new();
    private Pump<ClusterEffect, Outcome> pump = null!;
    private GrainTimer surveys = null!;
    private GrainTimer edges = null!;
    private DateTimeOffset? edgeAt;
    private DateTimeOffset watchedSince;
    private DateTimeOffset plannedAt;
    private bool isStepping;
    private bool isReminderSet;
    private bool isLost;

    public override bool IsReentrant => true;

    public override async Task ActivateAsync()
    {
        watchedSince = Now;
        surveys = new(Activation, SurveyAsync, policy.DetectionWindow);
        edges = new(Activation, PassAsync);
        pump = new(Activation)
        {
            ApplyTogether = true,
            Owed = () => isLost ? [] : duties.Owe(state),
            LaneOf = LaneOf,
            Perform = PerformAsync,
            Apply = ApplyAsync,
        };
        (state, sequence) = await Service.Storage.LoadLedgerAsync(Activation, Key);
        snapshotAt = sequence;
        surveys.Change(policy.DetectionWindow);
        duties = ClusterDuties.All(state);
        ArmEdges();
        pump.Arm();
    }

    public async Task<LeaseStatus> RequestAsync(LeaseRequest request)
    {
        await EnsureReminderAsync();
        return (await StepAsync(new ClusterInput.Requested(request))).Refusal is { } problem
            ? new() { Attempt = request.Attempt, State = LeaseState.Refused, Since = Now, Problem = problem }
            : StatusOf(request.Attempt);
    }

    public async Task<bool> ReleaseAsync(AttemptId attempt, LeaseEnding? ending)
    {
        await StepAsync(new ClusterInput.Released(attempt, ending));
        return true;
    }

    public async Task<LeaseStatus> OrderAsync(LeaseOrder order)
    {
        await StepAsync(new ClusterInput.Ordered(order));
        return StatusOf(order.Attempt);
    }

    public Task<LeaseStatus> GetLeaseAsync(AttemptId attempt) => Task.FromResult(StatusOf(attempt));

    public Task<LeaseStatus> ReadLeaseAsync(AttemptId attempt, DateTimeOffset? checkpointedAt)
    {
        var status = StatusOf(attempt);
        if (status.State == LeaseState.Granted && checkpointedAt is { } at && !(checkpoints.TryGetValue(attempt, out var known) && known >= at))
        {
            checkpoints[attempt] = at;
            planner.NoteCheckpoint(attempt);
        }

        return Task.FromResult(status);
    }

    public Task NodeChangedAsync(NodeId node)
    {
        Look(node);
        return EnsureReminderAsync();
    }

    /// <summary>An event of a node came over its stream: the pull takes in what it is about.</summary>
    public Task HeardOfAsync(OrchestratorEvent occurrence)
    {
        if (NodeId.TryParse(occurrence.Source, out var node))
        {
            Look(node);
        }

        return Task.CompletedTask;
    }

    /// <summary>What a person arranges. True: it was taken.</summary>
    public async Task<bool> ArrangeAsync(ClusterInput input)
    {
        await EnsureReminderAsync();
        return (await StepAsync(input)).Refusal is null;
    }

    public override async Task ReceiveReminderAsync()
    {
        isReminderSet = true;
        await StepAsync(new ClusterInput.Tidied());
        if (state.Nodes.IsEmpty && state.Queue.IsEmpty && state.Leases.IsEmpty && ClusterMachine.NextEdge(state, policy, Now) is null)
        {
            await Service.RemoveReminderAsync(Activation);
            isReminderSet = false;
            return;
        }

        duties = duties.Everything(state);
        pump.Arm();
    }

    private static string LaneOf(ClusterEffect effect) => effect switch
    {
        ClusterEffect.SetWanted wanted => $"wanted/{wanted.Node}",
        ClusterEffect.Pull pull => $"node/{pull.Node}",
        ClusterEffect.Nudge nudge => $"simulation/{nudge.Simulation}",
        ClusterEffect.Switch power => $"power/{power.Node}",
        ClusterEffect.Exchange exchange => $"account/{exchange.Account}",
        _ => effect.GetType().Name,
    };

    private async Task EnsureReminderAsync()
    {
        if (!isReminderSet)
        {
            var period = TimeSpan.FromMinutes(World.Dice.Between(5, 10));
            await Service.RegisterReminderAsync(Activation, period, period);
            isReminderSet = true;
        }
    }

    private void Look(NodeId node)
    {
        duties = duties.Look(node);
        pump.Arm();
    }

    private Task SurveyAsync()
    {
        if (!isLost && !state.Nodes.IsEmpty && parts.ClusterSurveys)
        {
            duties = duties.LookAtAll();
            pump.Arm();
        }

        return Task.CompletedTask;
    }

    private async Task<Outcome> PerformAsync(ClusterEffect effect)
    {
        switch (effect)
        {
            case ClusterEffect.SetWanted wanted:
                (await CallAsync<NodeShell, bool>(wanted.Node.Value, node => node.SetWantedAsync(wanted.Version, wanted.Leases))).OrThrow();
                return new(effect, null);
            case ClusterEffect.Pull pull:
                return new(effect, (await PullAsync(pull.Node)).OrThrow() is { } seen ? new ClusterInput.Observed(seen) : null);
            case ClusterEffect.Survey survey:
                var all = await Task.WhenAll(survey.Nodes.Select(PullAsync));
                return new(effect, new ClusterInput.Surveyed([.. all.Where(static one => one is { Arrived: true, Value: not null }).Select(static one => one.Value!)], watchedSince));
            case ClusterEffect.Nudge nudge:
                Nudge<SimulationShell>(nudge.Simulation.Value, static simulation => simulation.NudgeAsync());
                await Activation.DelayAsync(TimeSpan.FromMilliseconds(1));
                return new(effect, null);
            case ClusterEffect.Switch:
                return new(effect, null);
            case ClusterEffect.Publish publish:
                await Service.Log.AppendAsync(Activation, [.. publish.Events.Select(told => told with { Source = Key })]);
                return new(effect, new ClusterInput.Published(publish.Events[^1].Sequence));
            case ClusterEffect.Plan:
                return new(effect, await PlanAsync());
            default:
                throw new NotSupportedException($"Nothing here performs {effect.GetType().Name}.");
        }
    }

    private Task<Answer<NodeObservation?>> PullAsync(NodeId node) => CallAsync<NodeShell, NodeObservation?>(node.Value, static shell => shell.GetAsync());

    private async Task<ClusterInput> PlanAsync()
    {
        if (plannedAt + PlanInterval > World.Now)
        {
            await Activation.DelayAsync(plannedAt + PlanInterval - World.Now);
        }

        plannedAt = World.Now;
        var plan = planner.MakePlan(state, checkpoints, Now);
        var to = planner.PlannedTo;
        await Activation.DelayAsync(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(30));
        return new ClusterInput.Planned(plan, to);
    }

    private async Task ApplyAsync(Outcome outcome)
    {
        var isStrange = outcome.Input is ClusterInput.Observed { Node.Inventory: { Status: NodeStatus.SeenDead } inventory } && !state.Nodes.ContainsKey(inventory.Id.Value);
        if (outcome.Input is { } input && !isStrange)
        {
            await StepAsync(input);
        }

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
                if (ClusterMachine.NeedsSurvey(state, policy))
                {
                    surveys.Change(policy.HeartbeatInterval);
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
                ArmEdges();
                break;
        }
    }

    private Task<Waiting> StepAsync(ClusterInput input)
    {
        var step = new Waiting(input);
        waiting.Enqueue(step);
        if (!isStepping)
        {
            isStepping = true;
            World.Start(DrainAsync);
        }

        return step.Done.Task;
    }

    private async Task DrainAsync()
    {
        List<Waiting> batch = [];
        try
        {
            while (waiting.Count > 0)
            {
                batch.Clear();
                while (waiting.TryDequeue(out var step))
                {
                    batch.Add(step);
                }

                await StoreAsync(batch);
            }
        }
        catch (CallFailedException failed)
        {
            foreach (var step in batch.Concat(waiting).ToArray())
            {
                step.Done.TrySetException(failed);
            }

            waiting.Clear();
        }

        isStepping = false;
    }

    private async Task StoreAsync(List<Waiting> batch)
    {
        if (isLost)
        {
            throw new CallFailedException("it is read again");
        }

        var now = Now;
        var before = state;
        var draft = new ClusterDraft(before, now);
        foreach (var step in batch)
        {
            step.Refusal = ClusterMachine.Refusal(draft.State, step.Input, policy, now);
            if (step.Refusal is null)
            {
                ClusterMachine.Decide(draft, step.Input, policy);
            }
        }

        if (draft.Facts.Count > 0)
        {
            if (!parts.ClusterStoresFirst)
            {
                // A planted bug: everybody hears of it now, and it is stored later.
                state = draft.State;
                Follow(before, draft.Facts, batch, now);
                foreach (var step in batch)
                {
                    Activation.After(TimeSpan.Zero, () => step.Done.TrySetResult(step));
                }

                await Activation.DelayAsync(TimeSpan.FromMilliseconds(300));
            }

            try
            {
                sequence = await Service.Storage.AppendAsync(Activation, Key, sequence, draft.Facts, now, draft.State);
            }
            catch (CallFailedException)
            {
                isLost = true;
                Activation.Leave();
                throw;
            }

            state = draft.State;
            if (sequence - snapshotAt >= SnapshotAfter)
            {
                Service.Storage.Snapshot(Key, state, sequence);
                snapshotAt = sequence;
            }
        }

        Follow(before, draft.Facts, batch, now);
        foreach (var step in batch)
        {
            // Its caller goes on in a turn of its own.
            Activation.After(TimeSpan.Zero, () => step.Done.TrySetResult(step));
        }
    }

    private void Follow(ClusterState before, List<ClusterFact> facts, List<Waiting> batch, DateTimeOffset now)
    {
        var after = state;
        duties = duties.After(before, after, facts);
        planner.Note(facts, after);
        var isFreed = false;
        foreach (var fact in facts)
        {
            if (fact is ClusterFact.Released released)
            {
                checkpoints.Remove(released.Attempt);
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

        if (!ReferenceEquals(before.Windows, after.Windows) || !ReferenceEquals(before.Reservations, after.Reservations) || !ReferenceEquals(before.Escrows, after.Escrows))
        {
            ArmEdges();
        }
        else if (isFreed && ClusterMachine.IsBlocked(after))
        {
            ArmEdges(now);
        }

        pump.Arm();
    }

    private void ArmEdges(DateTimeOffset? at = null)
    {
        if (isLost)
        {
            return;
        }

        var now = Now;
        var next = at ?? ClusterMachine.NextEdge(state, policy, now);
        if (planner.Plan?.NextChange is { } change && (next is null || change < next))
        {
            next = change;
        }

        if (ClusterMachine.IsBlocked(state) && (next is null || now + BlockedEvery < next))
        {
            next = now + BlockedEvery;
        }

        edgeAt = next;
        edges.Change(next - now);
    }

    private async Task PassAsync()
    {
        if (isLost || edgeAt is not { } due)
        {
            return;
        }

        if (Now < due)
        {
            ArmEdges(due);
            return;
        }

        edgeAt = null;
        await StepAsync(new ClusterInput.Passed());
        duties = duties.Replan(state);
        if (planner.Plan?.NextChange is not { } change || change > Now)
        {
            ArmEdges();
        }

        pump.Arm();
    }

    private LeaseStatus StatusOf(AttemptId attempt)
    {
        if (isLost)
        {
            throw new CallFailedException("it is read again");
        }

        var status = ClusterMachine.StatusOf(state, attempt);
        return status.State == LeaseState.Queued && planner.Reasons.TryGetValue(attempt, out var reason)
            ? status with { Reason = reason, Ahead = reason.Ahead > 0 ? reason.Ahead : status.Ahead }
            : status;
    }

    private sealed record Outcome(ClusterEffect Effect, ClusterInput? Input);

    private sealed class Waiting(ClusterInput input)
    {
        public ClusterInput Input => input;

        public string? Refusal { get; set; }

        public TaskCompletionSource<Waiting> Done { get; } = new();
    }
}
