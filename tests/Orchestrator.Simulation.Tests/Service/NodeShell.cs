using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Simulation.Tests.Worlds;

namespace Orchestrator.Simulation.Tests.Service;

/// <summary>What an agent says of itself when it starts.</summary>
internal sealed record AgentHello(NodeId Node, string Instance, string BootId, string Replaces, NodeCapabilities Capabilities, ImmutableArray<RunningAttempt> Running);

/// <summary>What an agent says every few seconds.</summary>
internal sealed record AgentBeat(NodeId Node, string Instance, ImmutableArray<RunningAttempt> Running, long WantedVersion, bool Goodbye);

internal enum BeatVerdict
{
    Known,
    Register,
    Replaced,
}

/// <summary>As NodeGrain: it holds what the cluster wants of the node, and looks for silence in memory alone.</summary>
internal sealed class NodeShell(Activation activation, Parts parts) : Shell(activation)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
    private static readonly NodePolicy Policy = new();

    private NodeState state = new();
    private NodeSight sight = new();
    private long etag;
    private Pump<NodeEffect, NodeInput> pump = null!;
    private GrainTimer liveness = null!;
    private DateTimeOffset armedFor;
    private bool isReminderSet;
    private bool isLost;

    private NodeState State => isLost ? throw new CallFailedException("it is read again") : state;

    public override async Task ActivateAsync()
    {
        (etag, var stored) = await Service.Storage.ReadAsync(Activation, Key);
        state = stored is NodeState known ? JsonSerializer.Deserialize<NodeState>(JsonSerializer.Serialize(known, Json), Json)! : new();
        sight = new() { WatchedSince = Now };
        liveness = new(Activation, LookAsync);
        pump = new(Activation)
        {
            Owed = () => isLost ? [] : NodeMachine.Owed(state, sight),
            LaneOf = static effect => effect is NodeEffect.Publish ? "log" : "cluster",
            Perform = PerformAsync,
            Apply = ApplyAsync,
        };
        if (state.Status != NodeStatus.Absent)
        {
            Watch();
            pump.Arm();
        }
    }

    /// <summary>Null: it has the node. Another agent may have it: that one, or nothing where that is not to be told.</summary>
    public async Task<string?> RegisterAsync(AgentHello hello)
    {
        var now = Now;
        var input = new NodeInput.Registered
        {
            Node = hello.Node,
            Cluster = parts.ClusterPolicy.Cluster,
            Instance = hello.Instance,
            Capabilities = hello.Capabilities,
            BootId = hello.BootId,
            Replaces = hello.Replaces,
            User = "ada",
        };
        if (NodeMachine.Refusal(State, sight, input, Policy, now) is not null)
        {
            return State.Status == NodeStatus.Alive && State.Instance != hello.Instance ? State.Instance : "";
        }

        await EnsureReminderAsync();
        var before = State;
        await StepAsync(input, now);
        if (before.Instance != hello.Instance)
        {
            sight = sight with { WantedVersionDone = 0 };
        }

        sight = NodeMachine.Hear(sight, hello.Running, sight.WantedVersionDone, 0, 0, Now);
        Watch();
        pump.Arm();
        return null;
    }

    public async Task<BeatVerdict> HeartbeatAsync(AgentBeat beat)
    {
        var before = State;
        if (beat.Instance != before.Instance || before.Status is NodeStatus.Absent or NodeStatus.SeenDead)
        {
            return before.FormerInstances.Contains(beat.Instance) ? BeatVerdict.Replaced : BeatVerdict.Register;
        }

        if (beat.WantedVersion > before.WantedVersion)
        {
            return BeatVerdict.Register;
        }

        var now = Now;
        if (beat.Goodbye)
        {
            await StepAsync(new NodeInput.SaidGoodbye(beat.Instance), now);
        }
        else if (before.Status == NodeStatus.Lost)
        {
            await StepAsync(new NodeInput.Heard(beat.Instance), now);
        }

        sight = NodeMachine.Hear(sight, beat.Running, beat.WantedVersion, 0, 0, now);
        if (before.Status == NodeStatus.Lost)
        {
            Watch();
        }

        if (sight.Told < sight.Changes)
        {
            pump.Arm();
        }

        return BeatVerdict.Known;
    }

    public Task<(long Version, ImmutableArray<WantedLease> Leases)> GetWantedAsync() => Task.FromResult((State.WantedVersion, State.Wanted));

    public async Task<bool> SetWantedAsync(long version, ImmutableArray<WantedLease> leases)
    {
        if (await StepAsync(new NodeInput.SetWanted(version, leases), Now))
        {
            Service.Pulse(Activation.Root, Key);
        }

        return true;
    }

    public async Task<bool> ControlAsync(NodeVerb verb, string reason)
    {
        if (State.Status == NodeStatus.Absent)
        {
            return false;
        }

        await StepAsync(new NodeInput.Ordered(verb, reason), Now);
        return true;
    }

    /// <summary>As the cluster sees it when it pulls; null: it never registered.</summary>
    public Task<NodeObservation?> GetAsync()
    {
        var known = State;
        return Task.FromResult(known.Status == NodeStatus.Absent ? null : new NodeObservation
        {
            Inventory = new()
            {
                Id = known.Id,
                Version = known.Version,
                Status = NodeMachine.StatusOf(known, sight),
                Drain = known.Drain,
                Capabilities = known.Capabilities,
                User = known.User,
                AllocationEnd = known.AllocationEnd,
                BootId = known.BootId,
                LastSeen = sight.HeardAt ?? known.LastSeen,
            },
            Running = sight.Running,
            WantedVersionDone = sight.WantedVersionDone,
            Wanted = [.. known.Wanted.Select(static lease => lease.Attempt)],
        });
    }

    /// <summary>Why the silence of what runs on it says nothing; "": it does.</summary>
    public Task<string> UnclearAsync() => Task.FromResult(NodeMachine.Unclear(State, sight, Policy, Now) ?? "");

    public override async Task ReceiveReminderAsync()
    {
        isReminderSet = true;
        var known = State;
        if (known.Status != NodeStatus.Alive && known.Wanted.IsEmpty && known.Outbox.IsEmpty)
        {
            await Service.RemoveReminderAsync(Activation);
            isReminderSet = false;
            return;
        }

        sight = sight with { Changes = sight.Changes + 1 };
        Watch();
        pump.Arm();
    }

    private async Task EnsureReminderAsync()
    {
        if (!isReminderSet)
        {
            var period = TimeSpan.FromMinutes(World.Dice.Between(5, 10));
            await Service.RegisterReminderAsync(Activation, period, period);
            isReminderSet = true;
        }
    }

    private void Watch()
    {
        if (NodeMachine.DueAt(State, sight, Policy) is { } due)
        {
            armedFor = due > Now ? due : Now;
            liveness.Change(armedFor - Now);
        }
    }

    private async Task LookAsync()
    {
        if (isLost || NodeMachine.DueAt(state, sight, Policy) is not { } due)
        {
            return;
        }

        var now = Now;
        if (now < due)
        {
            Watch();
            return;
        }

        if (now - armedFor > Policy.HeartbeatInterval / 2)
        {
            sight = sight with { WatchedSince = now };
            Watch();
            return;
        }

        await StepAsync(new NodeInput.FellSilent(sight.HeardAt), now);
    }

    private async Task<NodeInput> PerformAsync(NodeEffect effect)
    {
        switch (effect)
        {
            case NodeEffect.Publish publish:
                ImmutableArray<OrchestratorEvent> events = publish.Events;
                await Service.Log.AppendAsync(Activation, events);
                Nudge<ClusterShell>(publish.Cluster.Value, cluster => cluster.HeardOfAsync(events[^1]));
                return new NodeInput.Logged(events[^1].Sequence);
            case NodeEffect.Tell tell:
                Nudge<ClusterShell>(tell.Cluster.Value, cluster => cluster.NodeChangedAsync(tell.Node));
                await Activation.DelayAsync(TimeSpan.FromMilliseconds(1));
                return new NodeInput.Told(tell.Change);
            default:
                throw new NotSupportedException($"Nothing here performs {effect.GetType().Name}.");
        }
    }

    private async Task ApplyAsync(NodeInput input)
    {
        if (input is NodeInput.Told told)
        {
            sight = sight with { Told = Math.Max(sight.Told, told.Change) };
            return;
        }

        await StepAsync(input, Now);
    }

    private async Task<bool> StepAsync(NodeInput input, DateTimeOffset now)
    {
        var before = State;
        var after = NodeMachine.Step(before, input, now);
        if (ReferenceEquals(after, before))
        {
            return false;
        }

        state = after;
        try
        {
            etag = await Service.Storage.WriteAsync(Activation, Key, etag, after);
        }
        catch (CallFailedException)
        {
            isLost = true;
            Activation.Leave();
            throw;
        }

        if (after.Version != before.Version && input is not NodeInput.SetWanted)
        {
            sight = sight with { Changes = sight.Changes + 1 };
        }

        pump.Arm();
        return true;
    }
}
