using System.Collections.Immutable;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Agent.Attempts;
using Orchestrator.Agent.Machine;
using Orchestrator.Agent.Processes;
using Orchestrator.Agent.Reports;
using Orchestrator.Core.Ids;

namespace Orchestrator.Agent;

/// <summary>The agent of one node: it makes what runs here equal to the leases that the gateway wants, and tells what became of it.</summary>
internal sealed class NodeAgent(AgentContext agent, EpochLog epochs, string instance)
{
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly Dictionary<AttemptId, (AttemptRunner Runner, Task Run)> held = [];
    private readonly GatewayWatch gateway = new(agent.Logger);
    private readonly CpuLoad load = new();
    private readonly PressureGauge pressure = new(StorageProbe.Of(agent.Options.DataDirectory, agent.Options.Node, agent.Time), agent.Machine.CoresGiven(agent.Options.FirstCore));
    private readonly GpuGauge gpus = GpuGauge.Of(agent.Options, agent.Time);
    private TimeSpan heartbeatInterval = TimeSpan.FromSeconds(5);
    private long wantedVersion = -1, carriedOut;
    private CancellationToken stopping;

    /// <summary>Runs until stopped, which leaves programs alone.</summary>
    /// <exception cref="AgentRefusedException">Another agent has the node.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stopping = ending.Token;
        Adopt();
        Task[] loops = [HeartbeatsAsync(stopping), SampleAsync(stopping)];
        List<Task> all = [.. loops];
        try
        {
            var idle = EndWhenIdleAsync(stopping);
            var registered = RegisterAsync(stopping);
            all.AddRange([idle, registered]);
            await await Task.WhenAny(idle, registered);
            if (registered.IsCompletedSuccessfully)
            {
                await await Task.WhenAny([.. loops, idle, .. Follow(all)]);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to end.
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(all.Select(QuietAsync));
            await Task.WhenAll(Snapshot().Select(entry => QuietAsync(entry.Run)));
            await LeaveAsync();
        }
    }

    private Task[] Follow(List<Task> all)
    {
        Task[] following = [FollowWantedAsync(stopping), new ReportSender(agent, Attempts, gateway).RunAsync(stopping)];
        all.AddRange(following);
        return following;
    }

    /// <summary>What has ended and was heard of counts for nothing, though its lease is still on record here: whoever would have taken it back is gone.</summary>
    private async Task EndWhenIdleAsync(CancellationToken cancellationToken)
    {
        var seen = 0;
        while (seen < 2)
        {
            await Task.Delay(agent.Options.MayEnd is null ? Timeout.InfiniteTimeSpan : agent.Options.LookForEnd, agent.Time, cancellationToken);
            var isIdle = agent.Options.MayEnd!() && !Running().Any(static attempt => attempt.HasProcesses) && !Attempts().Any(static attempt => attempt.Spool.HasWaiting);
            seen = isIdle ? seen + 1 : 0;
        }
    }

    private static async Task QuietAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception ended) when (ended is OperationCanceledException or AgentRefusedException)
        {
            // The first of them is thrown by whoever waited for it.
        }
    }

    private void Adopt()
    {
        var folder = Path.Combine(agent.StateDirectory, "attempts");
        Directory.CreateDirectory(folder);
        foreach (var directory in Directory.GetDirectories(folder))
        {
            if (AttemptRunner.Adopt(agent, directory) is { } runner)
            {
                Hold(runner, Task.CompletedTask);
            }
        }

        var has = agent.Machine.Capabilities;
        agent.Logger.Started(agent.Options.Node, has.Cores, has.Memory, has.Gpus.Length, held.Count);
    }

    private void Hold(AttemptRunner runner, Task before)
    {
        lock (gate)
        {
            held.Add(runner.Attempt, (runner, RunAsync(runner, before)));
        }
    }

    private async Task RunAsync(AttemptRunner runner, Task before)
    {
        // The caller holds the gate: nothing of the attempt runs on its stack.
        await Task.Yield();
        try
        {
            await runner.RunAsync(before, stopping);
        }
        finally
        {
            if (!stopping.IsCancellationRequested)
            {
                lock (gate)
                {
                    held.Remove(runner.Attempt);
                }
            }

            runner.Dispose();
            agent.Heartbeat.Set();
        }
    }

    private (AttemptRunner Runner, Task Run)[] Snapshot()
    {
        lock (gate)
        {
            return [.. held.Values];
        }
    }

    private IReadOnlyCollection<AttemptRunner> Attempts() => [.. Snapshot().Select(entry => entry.Runner)];

    private ImmutableArray<Core.Nodes.RunningAttempt> Running() => [.. Attempts().Select(attempt => attempt.Describe())];

    private async Task RegisterAsync(CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromMilliseconds(200);
        string? said = null;
        var present = "";
        while (true)
        {
            try
            {
                var reply = await agent.Gateway.RegisterAsync(
                    new()
                    {
                        Node = agent.Options.Node,
                        Cluster = agent.Options.Cluster,
                        Instance = instance,
                        Capabilities = agent.Machine.Capabilities,
                        Running = Running(),
                        User = Environment.UserName,
                        AllocationEnd = agent.Options.AllocationEnd,
                        AgentVersion = typeof(NodeAgent).Assembly.GetName().Version?.ToString(3) ?? "",
                        BootId = agent.Machine.BootId,
                        Replaces = present,
                    },
                    cancellationToken);
                gateway.Answered();
                if (reply.Accepted)
                {
                    heartbeatInterval = reply.HeartbeatInterval > TimeSpan.Zero ? reply.HeartbeatInterval : heartbeatInterval;
                    agent.Logger.Registered(agent.Options.Node);
                    agent.Heartbeat.Set();
                    return;
                }

                if (reply.Present is { Length: > 0 } told && told != present)
                {
                    // Whoever had the node before a reboot is replaced by one that knows of it.
                    present = told;
                    continue;
                }

                if (reply.Reason != said)
                {
                    said = reply.Reason;
                    agent.Logger.NotAccepted(agent.Options.Node, said ?? "");
                }
            }
            catch (GatewayException away)
            {
                gateway.Away("registration", away.Message);
            }

            await Task.Delay(pause, agent.Time, cancellationToken);
            pause = pause * 2 < agent.Options.RetryMax ? pause * 2 : agent.Options.RetryMax;
        }
    }

    private async Task HeartbeatsAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await agent.Heartbeat.WaitAsync(heartbeatInterval, cancellationToken);
            try
            {
                var reply = await agent.Gateway.HeartbeatAsync(Heartbeat(goodbye: false), cancellationToken);
                gateway.Answered();
                if (reply.Verdict == HeartbeatVerdict.Replaced)
                {
                    throw new AgentRefusedException($"Another agent has taken the node {agent.Options.Node}.");
                }

                if (reply.Verdict == HeartbeatVerdict.Register)
                {
                    // A gateway that forgot the node may have begun its count of versions anew.
                    Volatile.Write(ref wantedVersion, -1);
                    lock (gate)
                    {
                        carriedOut = 0;
                    }

                    await RegisterAsync(cancellationToken);
                }
            }
            catch (GatewayException away)
            {
                gateway.Away("heartbeat", away.Message);
            }
        }
    }

    private NodeHeartbeat Heartbeat(bool goodbye)
    {
        var running = Running();
        return Heartbeat(goodbye, running) with { Pressure = pressure.Look(running) };
    }

    private NodeHeartbeat Heartbeat(bool goodbye, ImmutableArray<Core.Nodes.RunningAttempt> running) => new()
    {
        Node = agent.Options.Node,
        Instance = instance,
        Running = running,
        CpuLoad = load.Look(),
        MemoryUsed = MachineInfo.MemoryUsed(),
        WantedVersion = Volatile.Read(ref carriedOut),
        Goodbye = goodbye,
    };

    private async Task FollowWantedAsync(CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromMilliseconds(200);
        while (true)
        {
            var after = Volatile.Read(ref wantedVersion);
            var asked = agent.Time.GetTimestamp();
            try
            {
                var wanted = await agent.Gateway.WaitForWantedAsync(agent.Options.Node, after, agent.Options.WantedWait, cancellationToken);
                gateway.Answered();
                pause = TimeSpan.FromMilliseconds(200);
                if (wanted.Version > after)
                {
                    // Unless a registration came between, which asks for everything anew.
                    Interlocked.CompareExchange(ref wantedVersion, wanted.Version, after);
                    Apply(wanted);
                }
                else if (agent.Time.GetElapsedTime(asked) < TimeSpan.FromMilliseconds(100))
                {
                    // A gateway that does not wait must not be asked without a pause.
                    await Task.Delay(TimeSpan.FromMilliseconds(500), agent.Time, cancellationToken);
                }
            }
            catch (GatewayException away)
            {
                gateway.Away("leases", away.Message);
                await Task.Delay(pause, agent.Time, cancellationToken);
                pause = pause * 2 < agent.Options.RetryMax ? pause * 2 : agent.Options.RetryMax;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // A record of an attempt could not be written: the whole list is asked for again.
                agent.Logger.PartFailed("leases", failure);
                Volatile.Write(ref wantedVersion, -1);
                await Task.Delay(agent.Options.RetryMax, agent.Time, cancellationToken);
            }
        }
    }

    private void Apply(WantedLeases wanted)
    {
        var keep = wanted.Leases.Select(lease => lease.Attempt).ToHashSet();
        var ending = Snapshot().Where(entry => !keep.Contains(entry.Runner.Attempt)).ToList();
        foreach (var (runner, _) in ending)
        {
            runner.Vanish();
        }

        foreach (var lease in wanted.Leases)
        {
            (AttemptRunner Runner, Task Run) known;
            lock (gate)
            {
                held.TryGetValue(lease.Attempt, out known);
            }

            if (known.Runner is { } runner)
            {
                runner.Update(lease);
                continue;
            }

            var highest = epochs.Highest(lease.Attempt);
            if (lease.Attempt.Epoch <= highest)
            {
                agent.Logger.OlderEpoch(lease.Attempt, highest);
                continue;
            }

            var earlier = ending.Where(entry => entry.Runner.Attempt.Simulation == lease.Attempt.Simulation && entry.Runner.Attempt.Stage == lease.Attempt.Stage);
            var created = AttemptRunner.Create(agent, lease);

            // In this order: an attempt that is in the log and has no record was given up.
            epochs.Add(lease.Attempt, agent.Time.GetUtcNow());
            Hold(created, Task.WhenAll(earlier.Select(entry => entry.Run)));
        }

        _ = CarryOutAsync(wanted.Version, [.. ending.Select(entry => entry.Run)]);
    }

    /// <summary>A version is carried out when nothing runs any more of what it took away.</summary>
    private async Task CarryOutAsync(long version, Task[] ending)
    {
        await Task.WhenAll(ending.Select(QuietAsync));
        if (!stopping.IsCancellationRequested)
        {
            lock (gate)
            {
                carriedOut = Math.Max(carriedOut, version);
            }

            agent.Heartbeat.Set();
        }
    }

    private async Task SampleAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(agent.Options.SampleInterval, agent.Time, cancellationToken);
            var attempts = Attempts();
            if (attempts.Count > 0)
            {
                var table = ProcessTable.Read();
                var busy = attempts.Any(static attempt => attempt.HoldsGpus) ? gpus.Look(cancellationToken) : [];
                foreach (var attempt in attempts)
                {
                    attempt.Sample(table, busy);
                }
            }
        }
    }

    /// <summary>Says goodbye when nothing that it held runs here any more.</summary>
    private async Task LeaveAsync()
    {
        // Ranks of programs that are led elsewhere count, too: nobody else knows of them.
        var running = Attempts().Count(static attempt => attempt.HasProcessesHere());
        agent.Logger.Ended(agent.Options.Node, running);
        if (running > 0 || Attempts().Any(static attempt => attempt.Spool.HasWaiting))
        {
            // What ended but was not heard of yet would be taken for lost: the next agent says it.
            return;
        }

        using var deadline = new CancellationTokenSource(GoodbyeTimeout, agent.Time);
        try
        {
            await agent.Gateway.HeartbeatAsync(Heartbeat(goodbye: true), deadline.Token);
        }
        catch (Exception away) when (away is GatewayException or OperationCanceledException)
        {
            // The detection window tells it, too.
        }
    }
}
