using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Grains.Access;
using Orchestrator.Grains.Effects;
using Orchestrator.Grains.Events;
using Orchestrator.Grains.Reminders;
using Orchestrator.Storage;
using Orleans.Runtime;

namespace Orchestrator.Grains.Nodes;

/// <summary>
/// One node. Heartbeats touch memory only; what is stored changes with its status, its inventory, its wanted leases and orders to it. A timer looks for silence as long as the
/// node counts as alive, and keeps the grain active; the reminder wakes it after a restart of the silo, which counts a whole detection window anew.
/// </summary>
[GrainType("node")]
internal sealed class NodeGrain(
    [PersistentState("node", "main")] IPersistentState<NodeState> store,
    [FromKeyedServices(TimeProviderNames.Grains)] TimeProvider clock,
    IOptions<NodeOptions> options,
    EventPublisher events,
    NodeWantedSignal signal,
    ILogger<NodeGrain> logger) : Grain, INodeGrain, IRemindable
{
    private const string ReminderName = "liveness";
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(5);

    private readonly NodePolicy policy = options.Value.Policy;
    private NodeSight sight = new();
    private EffectPump<NodeEffect, NodeInput> pump = null!;
    private IGrainTimer liveness = null!;
    private DateTimeOffset armedFor;
    private bool isReminderSet;
    private bool isLost;

    private string Key => this.GetPrimaryKeyString();

    private NodeState State => isLost
        ? throw new StorageUnavailableException($"{Key} must be read again: the outcome of a write is not known. Try again.")
        : store.State;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        sight = new() { WatchedSince = clock.GetUtcNow() };
        liveness = this.RegisterGrainTimer(LookAsync, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { KeepAlive = true });
        pump = new(
            this,
            new()
            {
                Owner = Key,
                Owed = () => isLost ? [] : NodeMachine.Owed(store.State, sight),
                Lane = static effect => effect is NodeEffect.Publish ? "log" : "cluster",
                Perform = PerformAsync,
                Apply = ApplyAsync,
            },
            clock,
            logger);
        if (store.State.Status != NodeStatus.Absent)
        {
            signal.Pulse(store.State.Id, store.State.WantedVersion);
            Watch();
            pump.Arm();
        }

        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        pump.Stop();
        return Task.CompletedTask;
    }

    public async Task<RegisterReply> RegisterAsync(NodeRegistration registration, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var input = new NodeInput.Registered
        {
            Node = new NodeId(Key),
            Cluster = registration.Cluster,
            Instance = registration.Instance,
            Capabilities = registration.Capabilities,
            User = registration.User,
            AllocationEnd = registration.AllocationEnd,
            AgentVersion = registration.AgentVersion,
            BootId = registration.BootId,
            Replaces = registration.Replaces,
        };
        var refusal = registration switch
        {
            { Version: > NodeRegistration.CurrentVersion } => $"The agent speaks version {registration.Version} of the protocol; this silo knows {NodeRegistration.CurrentVersion}.",
            { Cluster.Value: null } => "The registration names no cluster.",
            _ when registration.Node.Value != Key => $"The registration is of node {registration.Node}, not of {Key}.",
            _ => NodeMachine.Refusal(State, sight, input, policy, now),
        };
        if (refusal is not null)
        {
            NodeGrainLog.AgentRefused(logger, Key, registration.Instance, refusal);
            return Reply(refusal) with { Present = State.Status == NodeStatus.Alive && State.Instance != registration.Instance ? State.Instance : null };
        }

        await EnsureReminderAsync();
        var before = State;
        await StepAsync(input, now);
        if (before.Instance != registration.Instance)
        {
            NodeGrainLog.AgentAccepted(logger, Key, registration.Instance, registration.User);

            // What the former agent said of its processes is not this one's to answer for.
            sight = sight with { WantedVersionDone = 0, Beats = PhiAccrual.None };
        }

        sight = NodeMachine.Hear(sight, registration.Running, sight.WantedVersionDone, sight.CpuLoad, sight.MemoryUsed, clock.GetUtcNow(), policy: policy);
        Watch();
        pump.Arm();
        return Reply(null);
    }

    public async Task<HeartbeatReply> HeartbeatAsync(NodeHeartbeat heartbeat, CancellationToken cancellationToken)
    {
        var state = State;
        if (heartbeat.Instance != state.Instance || state.Status is NodeStatus.Absent or NodeStatus.SeenDead)
        {
            return new() { Verdict = state.FormerInstances.Contains(heartbeat.Instance) ? HeartbeatVerdict.Replaced : HeartbeatVerdict.Register };
        }

        if (heartbeat.WantedVersion > state.WantedVersion)
        {
            // It knows more than is stored, as after a restored backup: its count would keep it from every lease until the versions had caught up.
            return new() { Verdict = HeartbeatVerdict.Register };
        }

        var now = clock.GetUtcNow();
        if (heartbeat.Goodbye)
        {
            await StepAsync(new NodeInput.SaidGoodbye(heartbeat.Instance), now);
        }
        else if (state.Status == NodeStatus.Lost)
        {
            await StepAsync(new NodeInput.Heard(heartbeat.Instance), now);
        }

        sight = NodeMachine.Hear(sight, heartbeat.Running, heartbeat.WantedVersion, heartbeat.CpuLoad, heartbeat.MemoryUsed, now, heartbeat.Pressure, policy);
        if (NodeMachine.Judge(State, sight, now) is { } judged)
        {
            await StepAsync(judged, now);
        }

        if (state.Status == NodeStatus.Lost)
        {
            // Its silence counts anew, and it may have been quarantined.
            Watch();
        }

        if (sight.Told < sight.Changes)
        {
            pump.Arm();
        }

        return new() { Verdict = HeartbeatVerdict.Known };
    }

    public Task<WantedLeases> GetWantedAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new WantedLeases { Version = State.WantedVersion, Leases = State.Wanted });

    public async Task SetWantedAsync(WantedLeases wanted, CancellationToken cancellationToken)
    {
        if (await StepAsync(new NodeInput.SetWanted(wanted.Version, wanted.Leases), clock.GetUtcNow()))
        {
            NodeGrainLog.WantedChanged(logger, Key, wanted.Leases.Length, wanted.Version);
            signal.Pulse(State.Id, wanted.Version);
        }
    }

    public async Task<NodeControlReply> ControlAsync(NodeOrder order, CancellationToken cancellationToken)
    {
        var before = State;
        if (before.Status == NodeStatus.Absent)
        {
            return new() { Found = false };
        }

        NodeInput input = order.Failure is { } failure
            ? new NodeInput.Reported(failure, CallerContext.Principal is { } caller && caller != CallerContext.System ? caller.User : null)
            : new NodeInput.Ordered(order.Verb, order.Reason);
        var changed = await StepAsync(input, clock.GetUtcNow());
        return new() { Found = true, Changed = changed, Status = NodeMachine.StatusOf(State, sight) };
    }

    public Task<NodeView?> GetAsync(CancellationToken cancellationToken) => Task.FromResult(State.Status == NodeStatus.Absent ? null : View(State));

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        isReminderSet = true;
        var state = State;
        if (state.Status != NodeStatus.Alive && state.Wanted.IsEmpty && state.Outbox.IsEmpty)
        {
            // Nothing to look for until an agent registers.
            if (await this.GetReminder(ReminderName) is { } reminder)
            {
                await this.UnregisterReminder(reminder);
            }

            isReminderSet = false;
            return;
        }

        // The cluster may have missed a nudge.
        sight = sight with { Changes = sight.Changes + 1 };
        Watch();
        pump.Arm();
    }

    private async Task EnsureReminderAsync()
    {
        if (!isReminderSet)
        {
            var period = ReminderPeriod + ReminderPhase.Of(Key, ReminderPeriod);
            await this.RegisterOrUpdateReminder(ReminderName, period, period);
            isReminderSet = true;
        }
    }

    /// <summary>Arms the look for silence; a heartbeat need not do it again, since a look that comes early arms the next.</summary>
    private void Watch()
    {
        if (NodeMachine.WakeAt(State, sight, policy) is { } due)
        {
            var now = clock.GetUtcNow();
            armedFor = due > now ? due : now;
            liveness.Change(armedFor - now, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        if (isLost)
        {
            return;
        }

        var now = clock.GetUtcNow();
        var late = now - armedFor;
        if (State.QuarantinedUntil <= now)
        {
            await StepAsync(new NodeInput.QuarantinePassed(), now);
        }

        if (NodeMachine.DueAt(State, sight, policy) is not { } due)
        {
            Watch();
            return;
        }

        if (now < due)
        {
            Watch();
            return;
        }

        if (late > policy.HeartbeatInterval / 2)
        {
            // Not the node is late but this look: the silo was stopped or the machine asleep, nobody watched, and heartbeats of that time may still stand in the queue.
            NodeGrainLog.WatchInterrupted(logger, Key, late);
            sight = sight with { WatchedSince = now };
            Watch();
            return;
        }

        await StepAsync(new NodeInput.FellSilent(sight.HeardAt), now);
        Watch();
    }

    private async Task<NodeInput> PerformAsync(NodeEffect effect, CancellationToken cancellationToken)
    {
        switch (effect)
        {
            case NodeEffect.Publish publish:
                await events.PublishAsync(publish.Events, publish.Cluster, cancellationToken);
                return new NodeInput.Logged(publish.Events[^1].Sequence);
            case NodeEffect.Tell tell:
                await GrainFactory.GetGrain<IClusterGrain>(tell.Cluster.Value).NodeChangedAsync(tell.Node);
                return new NodeInput.Told(tell.Change);
            default:
                throw new System.Diagnostics.UnreachableException($"A node does not know how to do {effect}.");
        }
    }

    private async Task ApplyAsync(NodeInput input)
    {
        if (input is NodeInput.Told told)
        {
            sight = sight with { Told = Math.Max(sight.Told, told.Change) };
            return;
        }

        await StepAsync(input, clock.GetUtcNow());
    }

    /// <summary>Steps and stores; true when something changed. What others see is told to the cluster, except what the cluster itself wanted.</summary>
    private async Task<bool> StepAsync(NodeInput input, DateTimeOffset now)
    {
        var before = State;
        var after = NodeMachine.Step(before, input, now, policy);
        if (ReferenceEquals(after, before))
        {
            return false;
        }

        store.State = after;
        try
        {
            await store.WriteStateAsync();
        }
        catch (Exception error)
        {
            // The outcome is unknown: the next activation reads.
            isLost = true;
            NodeGrainLog.WriteFailed(logger, Key, error);
            DeactivateOnIdle();
            throw;
        }

        if (after.Status != before.Status)
        {
            NodeGrainLog.StatusChanged(logger, Key, before.Status, after.Status);
        }

        if (after.Condition != before.Condition)
        {
            NodeGrainLog.ConditionChanged(logger, Key, before.Condition, after.Condition, after.DegradedReason);
        }

        if (after.Drain != before.Drain)
        {
            NodeGrainLog.DrainChanged(logger, Key, before.Drain, after.Drain, after.DrainReason);
        }

        if (after.Version != before.Version && input is not NodeInput.SetWanted)
        {
            sight = sight with { Changes = sight.Changes + 1 };
        }

        pump.Arm();
        return true;
    }

    private RegisterReply Reply(string? refusal) => new()
    {
        Accepted = refusal is null,
        Reason = refusal,
        HeartbeatInterval = policy.HeartbeatInterval,
        DetectionWindow = policy.DetectionWindow,
    };

    private NodeView View(NodeState state) => new()
    {
        Id = state.Id,
        Cluster = state.Cluster,
        Status = NodeMachine.StatusOf(state, sight),
        Drain = state.Drain,
        DrainReason = state.DrainReason,
        Capabilities = state.Capabilities,
        User = state.User,
        AllocationEnd = state.AllocationEnd,
        LastSeen = sight.HeardAt ?? state.LastSeen,
        Wanted = state.Wanted,
        Running = sight.Running,
        CpuLoad = sight.CpuLoad,
        MemoryUsed = sight.MemoryUsed,
        Failures = state.Failures,
        Instance = state.Instance,
        AgentVersion = state.AgentVersion,
        Version = state.Version,
        WantedVersionDone = sight.WantedVersionDone,
        BootId = state.BootId,
        Condition = state.Condition,
        ConditionReason = state.QuarantinedUntil is { } until
            ? string.Create(CultureInfo.InvariantCulture, $"it comes and goes, and gets no new work until {until:yyyy-MM-dd HH:mm:ss}Z")
            : state.DegradedReason,
        Suspicion = sight.IsHeard && state.Status == NodeStatus.Alive ? Math.Min(sight.Beats.Phi(clock.GetUtcNow() - sight.HeardAt!.Value), 999) : 0,
        Pressure = sight.Pressure,
        Unclear = NodeMachine.Unclear(state, sight, policy, clock.GetUtcNow()),
    };
}
