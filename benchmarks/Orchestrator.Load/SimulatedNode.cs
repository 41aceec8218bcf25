using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Load;

/// <summary>
/// A simulated agent: it says to the grains what the agent says over the gateway, and starts no process. It lives through restarts of the silo, as agents do.
/// </summary>
internal sealed class SimulatedNode(int number, ClusterId cluster, LoadOptions options, Fleet fleet)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly NodeId id = new(string.Create(CultureInfo.InvariantCulture, $"n-{number:00000}"));
    private readonly Dictionary<AttemptId, SimulatedRun> runs = [];
    private readonly TimeProvider clock = TimeProvider.System;
    private bool isRegistered;
    private long wantedDone;

    private string Instance => id.Value + "-1";

    /// <summary>Until it is told to be silent.</summary>
    public async Task LiveAsync(LoadSilo silo, CancellationToken cancellationToken)
    {
        // Not all at once: agents come up, and beat, at their own times.
        var beat = clock.GetUtcNow() + (options.Heartbeat * (number % 1000 / 1000.0));
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var grain = silo.Grains.GetGrain<INodeGrain>(id.Value);
                if (!isRegistered)
                {
                    await RegisterAsync(grain, cancellationToken);
                }

                var isNews = await CarryOutAsync(silo, await grain.GetWantedAsync(cancellationToken), cancellationToken);
                var due = await WorkAsync(silo, cancellationToken);
                var now = clock.GetUtcNow();
                if (isNews || now >= beat)
                {
                    await BeatAsync(grain, cancellationToken);
                    beat = now + options.Heartbeat;
                }

                due = due < beat ? due : beat;
                await silo.Signal.WaitAsync(id, wantedDone, due > now ? due - now : TimeSpan.Zero, cancellationToken);
            }
            catch (Exception error) when (error is Orleans.Runtime.OrleansException or TimeoutException or OrchestratorException { IsTransient: true })
            {
                fleet.Trouble(error);
                await Task.Delay(Pause, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task RegisterAsync(INodeGrain grain, CancellationToken cancellationToken)
    {
        var reply = await grain.RegisterAsync(
            new()
            {
                Node = id,
                Cluster = cluster,
                Instance = Instance,
                BootId = "boot-1",
                Capabilities = new()
                {
                    Cores = 2 * options.PerNode,
                    Memory = 64L << 30,
                    HostName = id.Value,
                    Topology = [string.Create(CultureInfo.InvariantCulture, $"rack=r{number / 40}")],
                    Kind = "plain",
                },
                Running = Running(),
            },
            cancellationToken);
        isRegistered = reply.Accepted ? true : throw new TimeoutException(reply.Reason);
        fleet.Registered();
    }

    /// <summary>True: a heartbeat must say at once that it was done.</summary>
    private async Task<bool> CarryOutAsync(LoadSilo silo, WantedLeases wanted, CancellationToken cancellationToken)
    {
        foreach (var gone in runs.Keys.Except(wanted.Leases.Select(static lease => lease.Attempt)).ToArray())
        {
            runs.Remove(gone, out var run);
            if (run is { Launch: not null, IsOver: false })
            {
                fleet.Ended();
            }
        }

        foreach (var lease in wanted.Leases)
        {
            if (!runs.TryGetValue(lease.Attempt, out var run))
            {
                runs.Add(lease.Attempt, run = new(lease));
            }

            run.Lease = lease;
            if (lease.IsLead && run.Launch is null && !run.IsOver)
            {
                await LaunchAsync(silo, run, cancellationToken);
            }

            if (run is { Launch: not null, IsOver: false })
            {
                await ObeyAsync(silo, run, cancellationToken);
            }
        }

        var isNews = wanted.Version > wantedDone;
        wantedDone = Math.Max(wantedDone, wanted.Version);
        return isNews;
    }

    private async Task LaunchAsync(LoadSilo silo, SimulatedRun run, CancellationToken cancellationToken)
    {
        var attempt = run.Lease.Attempt;
        var reply = await silo.Grains.GetGrain<ISimulationGrain>(attempt.Simulation.Value).GetLaunchAsync(attempt, id, cancellationToken);
        if (reply.Launch is not { } launch)
        {
            // The simulation comes to know of its lease in a moment.
            run.NextProgress = clock.GetUtcNow() + Pause;
            return;
        }

        var now = clock.GetUtcNow();
        (run.Launch, run.StartedAt, run.Sequence) = (launch, now, 0);
        run.NextProgress = now + (options.ProgressEvery * (0.5 + (number % 100 / 200.0)));
        run.NextCheckpoint = now + (options.CheckpointEvery * (0.5 + (number % 100 / 200.0)));
        await ReportAsync(silo, run, new AttemptReport.Started { ProcessId = 1000, Restored = launch.Restore.FirstOrDefault()?.Name }, cancellationToken);
        fleet.Started();
    }

    private async Task ObeyAsync(LoadSilo silo, SimulatedRun run, CancellationToken cancellationToken)
    {
        var order = run.Lease.Order;
        if (order.Checkpoint > run.CheckpointDone)
        {
            run.CheckpointDone = order.Checkpoint;
            await CheckpointAsync(silo, run, order.Checkpoint, cancellationToken);
        }

        if (order.StopBy is not null)
        {
            fleet.AskedToLeave();
            await CheckpointAsync(silo, run, 0, cancellationToken);
            await ReportAsync(silo, run, new AttemptReport.Exited { ExitStatus = 0, AskedToLeave = true, Asked = order.Reason, Progress = Progress(run) }, cancellationToken);
            run.IsOver = true;
            fleet.Ended();
        }
    }

    /// <summary>When there is something to do again.</summary>
    private async Task<DateTimeOffset> WorkAsync(LoadSilo silo, CancellationToken cancellationToken)
    {
        var due = DateTimeOffset.MaxValue;
        foreach (var run in runs.Values)
        {
            if (!run.Lease.IsLead || run.IsOver)
            {
                continue;
            }

            var now = clock.GetUtcNow();
            if (run.Launch is not null && now >= run.NextProgress)
            {
                run.Step++;
                run.NextProgress = now + options.ProgressEvery;
                await ReportAsync(
                    silo, run, new AttemptReport.Progressed { Progress = Progress(run), Step = run.Step, Metrics = ImmutableSortedDictionary<string, double>.Empty.Add("tas", 287 + run.Step) }, cancellationToken);
            }

            if (run.Launch is not null && now >= run.NextCheckpoint)
            {
                run.NextCheckpoint = now + options.CheckpointEvery;
                await CheckpointAsync(silo, run, 0, cancellationToken);
            }

            due = run.NextProgress < due ? run.NextProgress : due;
        }

        return due;
    }

    private static double Progress(SimulatedRun run) => 1 - (1000 / (1000.0 + run.Step));

    private Task CheckpointAsync(LoadSilo silo, SimulatedRun run, long order, CancellationToken cancellationToken)
    {
        run.Step++;
        var attempt = run.Lease.Attempt;
        var name = string.Create(CultureInfo.InvariantCulture, $"e{attempt.Epoch}/step-{run.Step:D8}");
        return ReportAsync(
            silo, run,
            new AttemptReport.Checkpointed
            {
                Order = order,
                Checkpoint = new CheckpointRecord
                {
                    Name = name,
                    Attempt = attempt,
                    Path = $"runs/{attempt.Simulation}/{attempt.Stage}/{name}",
                    Step = run.Step,
                    Progress = Progress(run),
                    TakenAt = clock.GetUtcNow(),
                    Cost = TimeSpan.FromSeconds(1),
                    Bytes = 1L << 30,
                    ManifestHash = run.Step.ToString("x64", CultureInfo.InvariantCulture),
                    WorkSaved = run.Launch!.WorkBefore + (clock.GetUtcNow() - run.StartedAt),
                },
            },
            cancellationToken);
    }

    private async Task ReportAsync(LoadSilo silo, SimulatedRun run, AttemptReport report, CancellationToken cancellationToken)
    {
        var attempt = run.Lease.Attempt;
        var grain = silo.Grains.GetGrain<ISimulationGrain>(attempt.Simulation.Value);
        report = report with { Attempt = attempt, Node = id, Sequence = ++run.Sequence, At = clock.GetUtcNow() };
        while (true)
        {
            try
            {
                var watch = Stopwatch.StartNew();
                var reply = await grain.ReportAsync(report, CancellationToken.None);
                fleet.Reported(watch.Elapsed, reply.Verdict);
                return;
            }
            catch (Exception error) when (error is Orleans.Runtime.OrleansException or TimeoutException or OrchestratorException { IsTransient: true })
            {
                // Reports go in order, and none is given up.
                fleet.Trouble(error);
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }

    private async Task BeatAsync(INodeGrain grain, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var reply = await grain.HeartbeatAsync(new() { Node = id, Instance = Instance, Running = Running(), WantedVersion = wantedDone, CpuLoad = 0.9 }, cancellationToken);
        fleet.Beat(watch.Elapsed);
        isRegistered = reply.Verdict == HeartbeatVerdict.Known;
    }

    private ImmutableArray<RunningAttempt> Running() =>
        [.. runs.Values.Select(static run => new RunningAttempt { Attempt = run.Lease.Attempt, HasProcesses = run is { Launch: not null, IsOver: false } })];
}
