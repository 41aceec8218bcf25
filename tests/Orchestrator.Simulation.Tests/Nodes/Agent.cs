using System.Collections.Immutable;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Simulations;
using Orchestrator.Simulation.Tests.Service;
using Orchestrator.Simulation.Tests.Worlds;

namespace Orchestrator.Simulation.Tests.Nodes;

/// <summary>
/// As NodeAgent and ReportSender: it registers, sends heartbeats, makes what runs equal to the leases wanted, and delivers what lies in the spools. What it must know after a restart lies
/// on the disk of its node. Simplified: no sampling; what it would find by polling wakes it.
/// </summary>
internal sealed class Agent
{
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WantedWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(5);

    private readonly Machine machine;
    private readonly string instance;
    private readonly Dictionary<AttemptId, AttemptRunner> held = [];
    private readonly Wake heartbeat;
    private readonly Wake reports;
    private readonly Dictionary<AttemptRunner, (DateTimeOffset Next, TimeSpan Pause)> onHold = [];
    private long wantedVersion = -1;
    private long carriedOut;

    public Agent(Machine machine, string instance)
    {
        (this.machine, this.instance) = (machine, instance);
        Process = new(machine.World, $"agent {instance}", machine.Ground);
        heartbeat = new(Process);
        reports = new(Process);
    }

    public Host Process { get; }

    public Machine Machine => machine;

    public Lab Lab => machine.Lab;

    private string Key => machine.Id.Value;

    public void Begin()
    {
        foreach (var folder in machine.Disk.Attempts.Values.ToArray())
        {
            Hold(new(this, folder), []);
        }

        Process.Start(RunAsync);
    }

    public void SayAlive() => heartbeat.Set();

    public void SayReports() => reports.Set();

    /// <summary>It is on record here, and not being given up.</summary>
    public bool Holds(AttemptId attempt) => machine.Disk.Attempts.ContainsKey(attempt) && !(held.TryGetValue(attempt, out var runner) && runner.IsVanishing);

    /// <summary>It is asked to end: programs are left alone, and it says goodbye where there are none.</summary>
    public void Stop()
    {
        // Ranks of programs that are led elsewhere count, too.
        if (held.Values.Any(runner => runner.HasProcesses || runner.HasWaiting || (Lab.Parts.LooksForRanks && machine.Has(runner.Attempt))))
        {
            Process.Say("ends");
            Process.Kill();
            return;
        }

        Process.Say("says goodbye and ends");
        Lab.Oracle.Leaving(machine, held.Keys);
        machine.World.Start(async () =>
        {
            await BeatAsync(goodbye: true);
            Process.Kill();
        });
    }

    private async Task RunAsync()
    {
        machine.World.Start(HeartbeatsAsync);
        await RegisterAsync();
        machine.World.Start(FollowWantedAsync);
        machine.World.Start(SendReportsAsync);
    }

    private ImmutableArray<RunningAttempt> Running() => [.. held.Values.Select(static runner => new RunningAttempt { Attempt = runner.Attempt, HasProcesses = runner.HasProcesses })];

    private Task<Answer<T>> NodeAsync<T>(Func<NodeShell, Task<T>> call) => Lab.Service.GatewayAsync(
        Process, async silo => (await Lab.Service.CallAsync(silo, Key, call, Deadline)).OrThrow(), Deadline);

    private async Task RegisterAsync()
    {
        var pause = TimeSpan.FromMilliseconds(200);
        var present = "";
        while (true)
        {
            var hello = new AgentHello(machine.Id, instance, $"boot-{machine.Boot}", present, new() { Cores = machine.Cores, Memory = 16L << 30, HostName = Key }, Running());
            var answer = await NodeAsync(node => Process.IsAlive ? node.RegisterAsync(hello) : Task.FromResult<string?>(""));
            if (answer is { Arrived: true, Value: null })
            {
                heartbeat.Set();
                return;
            }

            if (answer is { Arrived: true, Value: { Length: > 0 } told } && told != present)
            {
                present = told;
                continue;
            }

            await Process.DelayAsync(pause);
            pause = pause * 2 < RetryMax ? pause * 2 : RetryMax;
        }
    }

    private async Task HeartbeatsAsync()
    {
        while (true)
        {
            await heartbeat.WaitAsync(HeartbeatInterval);
            if (await BeatAsync(goodbye: false) is not { Arrived: true, Value: var verdict })
            {
                continue;
            }

            if (verdict == BeatVerdict.Replaced)
            {
                Process.Say("was replaced by another agent, and ends");
                Process.Kill();
                return;
            }

            if (verdict == BeatVerdict.Register)
            {
                wantedVersion = -1;
                carriedOut = 0;
                await RegisterAsync();
            }
        }
    }

    private Task<Answer<BeatVerdict>> BeatAsync(bool goodbye)
    {
        var beat = new AgentBeat(machine.Id, instance, Running(), carriedOut, goodbye);
        return NodeAsync(node => node.HeartbeatAsync(beat));
    }

    private async Task FollowWantedAsync()
    {
        var pause = TimeSpan.FromMilliseconds(200);
        while (true)
        {
            var after = wantedVersion;
            var asked = machine.World.Now;
            var answer = await Lab.Service.GatewayAsync(Process, silo => WaitForWantedAsync(silo, after), WantedWait + Deadline);
            if (!answer.Arrived)
            {
                await Process.DelayAsync(pause);
                pause = pause * 2 < RetryMax ? pause * 2 : RetryMax;
                continue;
            }

            pause = TimeSpan.FromMilliseconds(200);
            var (version, leases) = answer.Value;
            if (version > after)
            {
                wantedVersion = wantedVersion == after ? version : wantedVersion;
                try
                {
                    Apply(version, leases);
                }
                catch (DiskFailedException)
                {
                    wantedVersion = -1;
                    await Process.DelayAsync(RetryMax);
                }
            }
            else if (machine.World.Now - asked < TimeSpan.FromMilliseconds(100))
            {
                await Process.DelayAsync(TimeSpan.FromMilliseconds(500));
            }
        }
    }

    /// <summary>The gateway's wait: it asks before and after, since the signal is of its own silo alone. Simplified: it looks again after 3 s, not 1 s.</summary>
    private async Task<(long Version, ImmutableArray<WantedLease> Leases)> WaitForWantedAsync(Host silo, long after)
    {
        var until = machine.World.Now + WantedWait;
        while (true)
        {
            var wanted = (await Lab.Service.CallAsync<NodeShell, (long Version, ImmutableArray<WantedLease>)>(silo, Key, static node => node.GetWantedAsync(), Deadline)).OrThrow();
            if (wanted.Version > after || machine.World.Now >= until)
            {
                return wanted;
            }

            await Lab.Service.WaitForPulseAsync(silo, Key, TimeSpan.FromSeconds(3));
        }
    }

    private void Apply(long version, ImmutableArray<WantedLease> wanted)
    {
        Process.Say($"is to hold {(wanted.IsEmpty ? "nothing" : string.Join(", ", wanted.Select(static lease => lease.Attempt)))} ({version})");
        var keep = wanted.Select(static lease => lease.Attempt).ToHashSet();
        var ending = held.Values.Where(runner => !keep.Contains(runner.Attempt)).ToList();
        foreach (var runner in ending)
        {
            runner.Vanish();
        }

        foreach (var lease in wanted)
        {
            if (held.TryGetValue(lease.Attempt, out var runner))
            {
                runner.Update(lease);
                continue;
            }

            if (!Lab.Parts.Takes(lease.Attempt.Epoch, machine.Disk.Highest(lease.Attempt)))
            {
                continue;
            }

            var earlier = ending.Where(other => other.Attempt.Simulation == lease.Attempt.Simulation && other.Attempt.Stage == lease.Attempt.Stage).Select(static other => other.Gone).ToList();
            machine.Disk.CheckSpace();
            var folder = new AttemptFolder(machine.Disk, lease);
            machine.Disk.Attempts[lease.Attempt] = folder;
            machine.Disk.Add(lease.Attempt);
            Lab.Oracle.Taken(machine, lease.Attempt);
            Hold(new(this, folder), earlier);
        }

        machine.World.Start(async () =>
        {
            await Task.WhenAll(ending.Select(static runner => runner.Gone));
            carriedOut = Math.Max(carriedOut, version);
            heartbeat.Set();
        });
    }

    private void Hold(AttemptRunner runner, IReadOnlyList<Task> before)
    {
        held.Add(runner.Attempt, runner);
        runner.Begin(before);
        machine.World.Start(async () =>
        {
            await runner.Gone;
            held.Remove(runner.Attempt);
            heartbeat.Set();
        });
    }

    private async Task SendReportsAsync()
    {
        var pause = TimeSpan.FromMilliseconds(100);
        while (true)
        {
            if (await RoundAsync())
            {
                pause = TimeSpan.FromMilliseconds(100);
                await reports.WaitAsync(onHold.Count > 0 ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromSeconds(30));
            }
            else
            {
                await Process.DelayAsync(pause);
                pause = pause * 2 < RetryMax ? pause * 2 : RetryMax;
            }
        }
    }

    /// <summary>False: the gateway is away.</summary>
    private async Task<bool> RoundAsync()
    {
        foreach (var gone in onHold.Keys.Where(runner => !held.ContainsValue(runner)).ToArray())
        {
            onHold.Remove(gone);
        }

        foreach (var runner in held.Values.ToArray())
        {
            while (!runner.IsVanishing && runner.HasWaiting && !(onHold.TryGetValue(runner, out var hold) && machine.World.Now < hold.Next))
            {
                var batch = runner.Waiting(64);
                var answer = await Lab.Service.GatewayAsync(Process, silo => DeliverAsync(silo, batch), Deadline);
                if (!answer.Arrived)
                {
                    return false;
                }

                if (Take(runner, batch, answer.Value))
                {
                    onHold.Remove(runner);
                }
                else
                {
                    var wait = onHold.TryGetValue(runner, out var before) ? before.Pause * 2 : TimeSpan.FromMilliseconds(100);
                    wait = wait < RetryMax ? wait : RetryMax;
                    onHold[runner] = (machine.World.Now + wait, wait);
                }
            }
        }

        return true;
    }

    /// <summary>The gateway delivers the reports of one attempt one after the other.</summary>
    private async Task<ImmutableArray<ReportReply>> DeliverAsync(Host silo, ImmutableArray<AttemptReport> batch)
    {
        var replies = ImmutableArray.CreateBuilder<ReportReply>(batch.Length);
        foreach (var report in batch)
        {
            var reply = await Lab.Service.CallAsync<SimulationShell, ReportReply>(silo, report.Attempt.Simulation.Value, simulation => simulation.ReportAsync(report), Deadline);
            replies.Add(reply.OrThrow());
        }

        return replies.MoveToImmutable();
    }

    private static bool Take(AttemptRunner runner, ImmutableArray<AttemptReport> batch, ImmutableArray<ReportReply> replies)
    {
        foreach (var (report, reply) in batch.Zip(replies))
        {
            if (reply.Verdict == ReportVerdict.OutOfOrder)
            {
                runner.Rewind();
                return false;
            }

            runner.Answer(report, reply);
        }

        return true;
    }
}
