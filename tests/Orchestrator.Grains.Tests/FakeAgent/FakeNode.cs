using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Simulations;
using Orchestrator.Grains.Tests.Hosting;
using Orleans.Runtime;

namespace Orchestrator.Grains.Tests.FakeAgent;

/// <summary>
/// A node with its agent and programs, in memory. It keeps the agent protocol: a turn registers where needed, carries out the wanted leases, lets programs do a piece of
/// work, delivers reports in order and sends a heartbeat.
/// </summary>
internal sealed class FakeNode(GrainWorld world, FakeDisk disk, NodeId id, ClusterId cluster, Func<AttemptId, FakeProgram> programOf, int cores)
{
    private const string User = "ada";

    private readonly Dictionary<AttemptId, FakeRun> runs = [];
    private readonly Dictionary<(SimulationId, string), int> newestEpochs = [];
    private int starts = 1;
    private int boots = 1;
    private bool isRegistered;
    private long wantedDone;

    public NodeId Id => id;

    /// <summary>Where it stands.</summary>
    public ImmutableArray<string> Topology { get; init; } = [];

    /// <summary>It was killed with everything on it.</summary>
    public bool IsDead { get; private set; }

    /// <summary>It hears and says nothing, as when the network is cut: its programs go on.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>Nothing on it moves, as after SIGSTOP of everything.</summary>
    public bool IsStopped { get; set; }

    /// <summary>Calls that failed because a silo or storage was away; they were tried again.</summary>
    public List<Exception> Troubles { get; } = [];

    /// <summary>Verdicts on reports, in order.</summary>
    public List<(AttemptReport Report, ReportReply Reply)> Delivered { get; } = [];

    public IReadOnlyCollection<FakeRun> Runs => runs.Values;

    private string Instance => string.Create(CultureInfo.InvariantCulture, $"{id}-{starts}");

    private INodeGrain Grain => world.Grains.GetGrain<INodeGrain>(id.Value);

    /// <summary>SIGKILL of the agent and of all processes.</summary>
    public void Kill()
    {
        IsDead = true;
        foreach (var run in runs.Values)
        {
            disk.End(run.Lease.Attempt, id);
        }

        runs.Clear();
    }

    /// <summary>The machine is up again, with a new agent and nothing running.</summary>
    public void StartAgain()
    {
        IsDead = false;
        boots++;
        RestartAgent();
    }

    /// <summary>Only the agent was killed and started again: it adopts what runs.</summary>
    public void RestartAgent()
    {
        starts++;
        isRegistered = false;
        wantedDone = 0;
    }

    public async Task TurnAsync()
    {
        if (IsDead || IsStopped)
        {
            return;
        }

        try
        {
            if (!IsCutOff)
            {
                await RegisterAsync();
                await CarryOutAsync();
            }

            Work();
            if (!IsCutOff)
            {
                foreach (var run in runs.Values.ToArray())
                {
                    await DeliverAsync(run);
                }

                await BeatAsync(goodbye: false);
            }
        }
        catch (Exception trouble) when (trouble is OrleansException or TimeoutException or OrchestratorException { IsTransient: true })
        {
            Troubles.Add(trouble);
        }
    }

    /// <summary>The agent ends on purpose, after everything that it ran.</summary>
    public async Task LeaveAsync()
    {
        await BeatAsync(goodbye: true);
        Kill();
    }

    private async Task RegisterAsync()
    {
        if (isRegistered)
        {
            return;
        }

        var reply = await Grain.RegisterAsync(
            new NodeRegistration
            {
                Node = id,
                Cluster = cluster,
                Instance = Instance,
                User = User,
                Capabilities = new NodeCapabilities { Cores = cores, Memory = 16L << 30, HostName = id.Value, Topology = Topology },
                Running = Running(),
                BootId = string.Create(CultureInfo.InvariantCulture, $"boot-{boots}"),
            },
            TestContext.Current.CancellationToken);
        isRegistered = reply.Accepted;
    }

    private ImmutableArray<RunningAttempt> Running() => [.. runs.Values.Select(static run => new RunningAttempt { Attempt = run.Lease.Attempt, HasProcesses = run.Runs })];

    private async Task BeatAsync(bool goodbye)
    {
        var reply = await Grain.HeartbeatAsync(
            new NodeHeartbeat { Node = id, Instance = Instance, Running = Running(), WantedVersion = wantedDone, Goodbye = goodbye },
            TestContext.Current.CancellationToken);
        if (reply.Verdict == HeartbeatVerdict.Register)
        {
            isRegistered = false;
        }
    }

    private async Task CarryOutAsync()
    {
        var wanted = await Grain.GetWantedAsync(TestContext.Current.CancellationToken);
        foreach (var gone in runs.Keys.Except(wanted.Leases.Select(static lease => lease.Attempt)).ToArray())
        {
            Forget(gone);
        }

        foreach (var lease in wanted.Leases)
        {
            var stage = (lease.Attempt.Simulation, lease.Attempt.Stage);
            if (lease.Attempt.Epoch < newestEpochs.GetValueOrDefault(stage))
            {
                disk.Violations.Enqueue($"{id} is to hold {lease.Attempt} after epoch {newestEpochs[stage]}");
                continue;
            }

            newestEpochs[stage] = lease.Attempt.Epoch;
            if (!runs.TryGetValue(lease.Attempt, out var run))
            {
                runs.Add(lease.Attempt, run = new(lease));
            }

            run.Lease = lease;
            if (lease.IsLead && run.Launch is null && !run.IsOver)
            {
                await LaunchAsync(run);
            }
            else if (!lease.IsLead && !run.Runs)
            {
                run.Runs = true;
                disk.Start(lease.Attempt, lease.Share);
            }

            Obey(run);
        }

        wantedDone = Math.Max(wantedDone, wanted.Version);
    }

    private async Task LaunchAsync(FakeRun run)
    {
        var attempt = run.Lease.Attempt;
        var reply = await world.Grains.GetGrain<ISimulationGrain>(attempt.Simulation.Value).GetLaunchAsync(attempt, id, TestContext.Current.CancellationToken);
        if (reply.Launch is not { } launch)
        {
            // Asked again at the next turn, as long as the lease is wanted.
            return;
        }

        run.Launch = launch;
        run.Program = programOf(attempt);
        if (launch.PublishOnlyEpoch > 0)
        {
            var published = new AttemptId(attempt.Simulation, attempt.Stage, launch.PublishOnlyEpoch);
            disk.Publish(published, FakeDisk.Undisturbed(run.Program.Steps));
            run.IsOver = true;
            Report(run, new AttemptReport.Published());
            return;
        }

        var restored = launch.Restore.FirstOrDefault();
        if (restored is not null)
        {
            (run.Step, run.Value) = disk.Checkpoints[$"{attempt.Simulation}/{restored.Attempt.Stage}/{restored.Name}"];
        }

        run.Runs = true;
        run.StartedAt = world.Clock.GetUtcNow();
        (run.FirstStep, run.WorkedUntil) = (run.Step, run.StartedAt);
        disk.Start(attempt, run.Lease.Share);
        Report(run, new AttemptReport.Started { Restored = restored?.Name, ProcessId = 1000 });
    }

    private void Obey(FakeRun run)
    {
        if (!run.Lease.IsLead || !run.Runs || run.Program.IsDeaf)
        {
            if (run is { Runs: true, Lease.IsLead: true } && run.Lease.Order.StopBy <= world.Clock.GetUtcNow())
            {
                Exit(run, status: null, signal: 9, asked: run.Lease.Order.Reason);
            }

            return;
        }

        var order = run.Lease.Order;
        if (order.Checkpoint > run.CheckpointDone)
        {
            Checkpoint(run, order.Checkpoint);
            run.CheckpointDone = order.Checkpoint;
        }

        if (order.StopBy is not null || run.Launch?.EndTime <= world.Clock.GetUtcNow() + run.Launch?.Stage.Grace)
        {
            Checkpoint(run, 0);
            Exit(run, status: 0, signal: null, asked: order.StopBy is null ? StopReason.Walltime : order.Reason);
        }
    }

    private void Work()
    {
        foreach (var run in runs.Values.Where(static run => run is { Runs: true, Lease.IsLead: true }))
        {
            var program = run.Program;
            var due = program.StepsPerTurn;
            if (program.StepTakes is { } takes)
            {
                due = (world.Clock.GetUtcNow() - run.WorkedUntil).Ticks / takes.Ticks;
                run.WorkedUntil += due * takes;
            }

            for (var left = due; left > 0 && run.Step < program.Steps; left--)
            {
                run.Step++;
                run.Value = disk.Compute(run.Step, run.Value);
                if (program.Fails is { } fails && fails.Step == run.Step && run.Lease.Attempt.Epoch <= fails.Attempts)
                {
                    Exit(run, fails.ExitStatus, signal: null, asked: StopReason.Absent);
                    break;
                }

                if (program.CheckpointEvery > 0 && run.Step % program.CheckpointEvery == 0)
                {
                    Checkpoint(run, 0);
                }
            }

            if (!run.Runs)
            {
                continue;
            }

            Report(run, new AttemptReport.Progressed
            {
                Step = run.Step,
                Progress = run.Step / (double)program.Steps,
                Metrics = ImmutableSortedDictionary<string, double>.Empty.Add("tas", run.Step),
            });
            if (run.Step == program.Steps)
            {
                Exit(run, status: 0, signal: null, asked: StopReason.Absent);
            }
        }
    }

    private void Checkpoint(FakeRun run, long order)
    {
        var attempt = run.Lease.Attempt;
        var name = string.Create(CultureInfo.InvariantCulture, $"e{attempt.Epoch}/step-{run.Step:D8}");
        if (!disk.Checkpoints.TryAdd($"{attempt.Simulation}/{attempt.Stage}/{name}", (run.Step, run.Value)) && order == 0)
        {
            return;
        }

        Report(run, new AttemptReport.Checkpointed
        {
            Order = order,
            Checkpoint = new CheckpointRecord
            {
                Name = name,
                Attempt = attempt,
                Path = $"runs/{attempt.Simulation}/{attempt.Stage}/{name}",
                Step = run.Step,
                Progress = run.Step / (double)run.Program.Steps,
                TakenAt = world.Clock.GetUtcNow(),
                Cost = run.Program.CheckpointCost,
                Bytes = 16,
                ManifestHash = run.Value.ToString("x16", CultureInfo.InvariantCulture),
                WorkSaved = run.Launch!.WorkBefore + (world.Clock.GetUtcNow() - run.StartedAt),
            },
        });
    }

    private void Exit(FakeRun run, int? status, int? signal, StopReason asked)
    {
        run.Runs = false;
        disk.End(run.Lease.Attempt, id);
        Report(run, new AttemptReport.Exited
        {
            ExitStatus = status,
            Signal = signal,
            AskedToLeave = asked != StopReason.Absent,
            Asked = asked,
            Progress = run.Step / (double)run.Program.Steps,
            Use = new ResourceUse
            {
                WallTime = world.Clock.GetUtcNow() - run.StartedAt,
                CoreTime = (world.Clock.GetUtcNow() - run.StartedAt) * run.Lease.Shares.Sum(static share => share.Cores.Length),
            },
        });
        run.IsOver = true;
    }

    private void Report(FakeRun run, AttemptReport report) =>
        run.Spool.Enqueue(report with { Attempt = run.Lease.Attempt, Node = id, Sequence = ++run.LastSequence, At = world.Clock.GetUtcNow() });

    private async Task DeliverAsync(FakeRun run)
    {
        while (run.Spool.TryPeek(out var report))
        {
            var reply = await world.Grains.GetGrain<ISimulationGrain>(report.Attempt.Simulation.Value).ReportAsync(report, TestContext.Current.CancellationToken);
            Delivered.Add((report, reply));
            switch (reply)
            {
                case { Verdict: ReportVerdict.OutOfOrder }:
                    return;
                case { Instruction: ReportInstruction.Discard }:
                    Forget(report.Attempt);
                    return;
                case { Instruction: ReportInstruction.Publish }:
                    run.Spool.Dequeue();
                    disk.Publish(report.Attempt, run.Value);
                    Report(run, new AttemptReport.Published());
                    break;
                default:
                    run.Spool.Dequeue();
                    break;
            }
        }
    }

    private void Forget(AttemptId attempt)
    {
        runs.Remove(attempt);
        disk.End(attempt, id);
    }
}
