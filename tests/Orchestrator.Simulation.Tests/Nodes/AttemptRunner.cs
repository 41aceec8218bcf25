using System.Collections.Immutable;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Simulation.Tests.Service;
using Orchestrator.Simulation.Tests.Worlds;

namespace Orchestrator.Simulation.Tests.Nodes;

/// <summary>
/// As AttemptRunner: what it does next follows from what lies on disk. Simplified: checkpoints are sealed one after the other in the loop that follows the program, no verify command, a
/// program has at most one output.
/// </summary>
internal sealed class AttemptRunner
{
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ExitRecordWait = TimeSpan.FromSeconds(10);

    private readonly Agent agent;
    private readonly AttemptFolder folder;
    private readonly Host host;
    private readonly Wake wake;
    private readonly TaskCompletionSource gone = new();
    private readonly TaskCompletionSource<ReportInstruction> afterExit = new();
    private readonly List<AttemptReport> waiting;
    private readonly HashSet<string> sealedNames;
    private readonly string run;
    private WantedLease lease;
    private bool isDiscarded;
    private long reportedStep = -1;
    private DateTimeOffset reportedAt;

    public AttemptRunner(Agent agent, AttemptFolder folder)
    {
        (this.agent, this.folder, lease) = (agent, folder, folder.Lease);
        run = SharedFiles.RunOf(Attempt);
        host = new(agent.Process.World, $"{agent.Process.Name} of {Attempt}", agent.Process);
        wake = new(host);
        waiting = folder.Unacknowledged();
        if (folder.Last is AttemptReport.Exited last && waiting.TrueForAll(report => report.Sequence != last.Sequence))
        {
            waiting.Add(last);
        }

        sealedNames = [.. folder.Reports.OfType<AttemptReport.Checkpointed>().Select(static report => report.Checkpoint.Path)];
        HasProcesses = folder.Start > 0 && folder.Last is not (AttemptReport.Exited or AttemptReport.Published or AttemptReport.LaunchRefused);
    }

    public AttemptId Attempt => folder.Lease.Attempt;

    public bool HasProcesses { get; private set; }

    public bool HasWaiting => waiting.Count > 0;

    public bool IsVanishing { get; private set; }

    /// <summary>Nothing of it runs any more, and its record is gone.</summary>
    public Task Gone => gone.Task;

    private Machine Machine => agent.Machine;

    private SharedFiles Files => agent.Lab.Files;

    private Dice Dice => host.World.Dice;

    private Control Control => agent.Lab.ControlOf(Attempt);

    public void Begin(IReadOnlyList<Task> before) => host.Start(() => RunAsync(before));

    public void Update(WantedLease wanted)
    {
        lease = wanted;
        wake.Set();
    }

    /// <summary>The lease is gone: everything of the attempt is killed and forgotten.</summary>
    public void Vanish()
    {
        if (IsVanishing)
        {
            return;
        }

        IsVanishing = true;
        host.Kill();
        agent.Process.Start(async () =>
        {
            await agent.Process.DelayAsync(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(80));
            Machine.KillAll(Attempt);
            HasProcesses = false;
            Machine.Disk.Attempts.Remove(Attempt);
            agent.Process.Say($"has given up {Attempt}");
            gone.TrySetResult();
        });
    }

    public ImmutableArray<AttemptReport> Waiting(int countMax)
    {
        folder.Sync();
        return [.. waiting.Take(countMax)];
    }

    public void Rewind()
    {
        waiting.Clear();
        waiting.AddRange(folder.Reports);
    }

    public void Answer(AttemptReport report, ReportReply reply)
    {
        waiting.RemoveAll(known => known.Sequence <= report.Sequence);
        folder.Acknowledge(report.Sequence);
        if (reply.Instruction == ReportInstruction.Discard)
        {
            waiting.Clear();
            isDiscarded = true;
        }

        if (report is AttemptReport.Exited)
        {
            afterExit.TrySetResult(reply.Instruction);
        }

        wake.Set();
    }

    private async Task RunAsync(IReadOnlyList<Task> before)
    {
        await Task.WhenAll(before);
        var pause = TimeSpan.FromMilliseconds(500);
        while (true)
        {
            try
            {
                await CarryOutAsync();
                return;
            }
            catch (DiskFailedException)
            {
                await host.DelayAsync(pause);
                pause = pause < RetryMax ? pause * 2 : pause;
            }
        }
    }

    private async Task CarryOutAsync()
    {
        if (!folder.Lease.IsLead || folder.Last is AttemptReport.Published or AttemptReport.LaunchRefused)
        {
            return;
        }

        if (folder.Launch is not { } launch)
        {
            launch = await AskForLaunchAsync();
            folder.Store(launch);
        }

        if (launch.PublishOnlyEpoch > 0)
        {
            await PublishAsync(launch, launch.Attempt with { Epoch = launch.PublishOnlyEpoch });
            return;
        }

        if (folder.Last is not AttemptReport.Exited)
        {
            if (folder.Last is null && !await StartAsync(launch))
            {
                return;
            }

            if (!await WatchAsync(launch))
            {
                return;
            }
        }

        if (await afterExit.Task == ReportInstruction.Publish)
        {
            await PublishAsync(launch, launch.Attempt);
        }
    }

    private async Task<LaunchSpecification> AskForLaunchAsync()
    {
        var pause = TimeSpan.FromMilliseconds(100);
        while (true)
        {
            var answer = await agent.Lab.Service.GatewayAsync(
                host,
                async silo => (await agent.Lab.Service.CallAsync<SimulationShell, LaunchSpecification?>(
                    silo, Attempt.Simulation.Value, simulation => simulation.GetLaunchAsync(Attempt, Machine.Id), TimeSpan.FromSeconds(10))).OrThrow(),
                TimeSpan.FromSeconds(10));
            if (answer is { Arrived: true, Value: { } launch })
            {
                return launch;
            }

            await host.DelayAsync(pause);
            pause = pause < RetryMax ? pause * 2 : pause;
        }
    }

    /// <summary>False when it was refused, and reported so.</summary>
    private async Task<bool> StartAsync(LaunchSpecification launch)
    {
        if (folder.Start > 0 && FindEarlierStart())
        {
            ReportStarted();
            return true;
        }

        if (folder.Start == 0 && Files.Exists(PidFile(1)))
        {
            Report(new AttemptReport.LaunchRefused { Reason = "the directory belongs to an earlier start of the same attempt" });
            return false;
        }

        // Space for the directory of the run.
        try
        {
            Files.Write(run + "/launch", 1, 0, Machine.Name, durable: true);
        }
        catch (DiskFailedException full)
        {
            Report(new AttemptReport.LaunchRefused { Reason = full.Message, NodeAtFault = true });
            return false;
        }

        CheckpointRecord? restored = null;
        List<string> damaged = [];
        foreach (var candidate in launch.Restore)
        {
            await host.DelayAsync(TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(1));
            if (!agent.Lab.Parts.ComparesBytes(candidate) || Files.IsIntact(candidate))
            {
                restored = candidate;
                break;
            }

            damaged.Add(candidate.Name);
        }

        if (restored is null && damaged.Count > 0)
        {
            Report(new AttemptReport.LaunchRefused { Reason = "none of its checkpoints can be restored", NodeAtFault = true });
            return false;
        }

        folder.StoreStart(agent.Process.Clock, Machine.Boot, restored?.Name, [.. damaged]);
        HasProcesses = true;
        var start = folder.Start;
        var restore = restored is null ? null : SharedFiles.FolderOf(restored);
        agent.Lab.Oracle.Launching(Machine, launch, restored, damaged);

        // The wrapper is a process of its own, which links its pid file or finds that it was revoked.
        var wrapper = Machine.StartWrapper(Attempt);
        wrapper.After(Dice.Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(200)), () => Wrap(wrapper, launch, start, restore));
        while (!Files.Exists(PidFile(start)))
        {
            await host.DelayAsync(TimeSpan.FromMilliseconds(5));
        }

        ReportStarted();
        return true;
    }

    private string PidFile(int start) => FormattableString.Invariant($"{run}/pid-{start}");

    private void Wrap(Host wrapper, LaunchSpecification launch, int start, string? restore)
    {
        try
        {
            if (Files.TryCreate(PidFile(start), 1, Machine.Name))
            {
                Machine.Launch(launch, restore, Control).Changed += wake.Set;
            }
        }
        catch (DiskFailedException)
        {
            // As a shell that ended at once; whoever waits for the file is told by the next look that the disk is full.
            wrapper.After(TimeSpan.FromSeconds(1), () => Wrap(wrapper, launch, start, restore));
        }
    }

    /// <summary>An earlier agent ended between its decision to start and the report: its wrapper left its pid file, or is revoked here.</summary>
    private bool FindEarlierStart() => !Files.TryCreate(PidFile(folder.Start), 2, Machine.Name) && Files.Read(PidFile(folder.Start)) is { A: 1 };

    private void ReportStarted() => Report(new AttemptReport.Started { Restored = folder.Restored, Damaged = folder.Damaged, ProcessId = 1000 });

    /// <summary>Follows the program until nothing of it runs, and reports its exit. False when it was discarded before.</summary>
    private async Task<bool> WatchAsync(LaunchSpecification launch)
    {
        HasProcesses = true;
        agent.SayAlive();
        if (Machine.LeaderOf(Attempt) is { } running)
        {
            // After a restart of the agent it is another one that looks.
            running.Changed += wake.Set;
        }

        DateTimeOffset? killedAt = null;
        (ulong A, ulong B)? exit;
        while (true)
        {
            if (isDiscarded)
            {
                await KillAsync();
                return false;
            }

            var leader = folder.Boot == Machine.Boot ? Machine.LeaderOf(Attempt) : null;
            exit = Files.Read(run + "/exit");
            if (exit is not null || leader is null)
            {
                break;
            }

            var now = agent.Process.Clock;
            GiveOrders(launch, leader, now);
            if (Control.StopBy <= now && killedAt is null)
            {
                host.Say("kills it");
                leader.Kill(alsoWrapper: false);
                killedAt = now;
                continue;
            }

            if (now - killedAt > ExitRecordWait)
            {
                leader.Kill(alsoWrapper: true);
                continue;
            }

            await LookAsync(launch);
            if (leader.Step != reportedStep && now - reportedAt >= TimeSpan.FromSeconds(1) && !waiting.Exists(static report => report is AttemptReport.Progressed))
            {
                ReportProgress(leader.Step);
                reportedAt = now;
            }

            await wake.WaitAsync(NextLook(launch, now));
        }

        var reached = agent.Lab.ReachedOf(Attempt);
        await KillAsync();
        await LookAsync(launch);
        if (reached != reportedStep && reached > 0)
        {
            ReportProgress(reached);
        }

        if (agent.Lab.Parts.SyncsOutputs)
        {
            // Once the exit is accepted another node may publish them.
            Files.Sync(run + "/final/out");
        }

        Report(new AttemptReport.Exited
        {
            ExitStatus = exit is not { } known || known.B > 0 ? null : (int)known.A,
            Signal = exit is { B: > 0 } killed ? (int)killed.B : null,
            AskedToLeave = Control.StopBy is not null,
            Asked = Control.StopBy is null ? StopReason.Absent : lease.Order.StopBy is null ? Control.Reason : lease.Order.Reason,
            MissingOutputs = launch.Stage.Outputs.IsEmpty || Files.Exists(run + "/final/out") ? [] : launch.Stage.Outputs,
            Progress = reached / (double)agent.Lab.BehaviourOf(Attempt).Steps,
        });
        HasProcesses = false;
        agent.SayAlive();
        return true;
    }

    private TimeSpan NextLook(LaunchSpecification launch, DateTimeOffset now)
    {
        var next = TimeSpan.FromSeconds(20);
        foreach (var at in (DateTimeOffset?[])[Control.StopBy, launch.EndTime - launch.Stage.Grace, launch.EndTime])
        {
            if (at > now && at - now < next)
            {
                next = at.Value - now;
            }
        }

        return next;
    }

    private void GiveOrders(LaunchSpecification launch, ProgramRun leader, DateTimeOffset now)
    {
        var (by, reason) = (lease.Order.StopBy, lease.Order.Reason);
        if (launch.EndTime is { } end && now >= end - launch.Stage.Grace && (by is null || end < by))
        {
            (by, reason) = (end, by is null ? StopReason.Walltime : reason);
        }

        if (lease.Order.Checkpoint > Control.Checkpoint)
        {
            Control.Checkpoint = lease.Order.Checkpoint;
            leader.Obey();
        }

        if (by is { } time && (Control.StopBy is null || time < Control.StopBy))
        {
            (Control.StopBy, Control.Reason) = (time, reason);
            leader.Obey();
        }
    }

    private async Task KillAsync()
    {
        await host.DelayAsync(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(50));
        Machine.KillAll(Attempt);
        HasProcesses = false;
        agent.SayAlive();
    }

    /// <summary>Finds checkpoints that are whole, seals them and reports them.</summary>
    private async Task LookAsync(LaunchSpecification launch)
    {
        var names = Files.Below(run + "/checkpoints").Where(static path => path.EndsWith("/part-0", StringComparison.Ordinal) && !path.Contains(".partial/", StringComparison.Ordinal))
            .Select(static path => path[..^"/part-0".Length]).ToArray();
        foreach (var name in names)
        {
            if (!sealedNames.Add(name + ".manifest"))
            {
                continue;
            }

            var began = agent.Process.Clock;
            await host.DelayAsync(TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1));
            if (Files.Read(name + "/part-0") is not { } first || Files.SumOf(name) is not { } sum)
            {
                continue;
            }

            Files.Sync(name + "/part-0");
            Files.Sync(name + "/part-1");
            Files.SyncRename(name);
            try
            {
                Files.Write(name + ".manifest", sum, 2, Machine.Name, durable: true);
            }
            catch (DiskFailedException)
            {
                // It is no checkpoint to rely on.
                continue;
            }

            var step = (long)first.A;
            var record = new CheckpointRecord
            {
                Name = FormattableString.Invariant($"e{Attempt.Epoch}/{name[(name.LastIndexOf('/') + 1)..]}"),
                Attempt = Attempt,
                Path = name + ".manifest",
                Step = step,
                Progress = step / (double)agent.Lab.BehaviourOf(Attempt).Steps,
                TakenAt = began,
                Cost = TimeSpan.FromSeconds(0.5),
                Bytes = 32,
                ManifestHash = SharedFiles.Text(sum),
                WorkSaved = launch.WorkBefore + (began > folder.StartedAt ? began - folder.StartedAt : TimeSpan.Zero),
            };
            agent.Lab.Oracle.Sealed(record, first.A, first.B);
            Report(new AttemptReport.Checkpointed { Checkpoint = record });
        }
    }

    private void ReportProgress(long step)
    {
        Report(new AttemptReport.Progressed { Step = step, Progress = step / (double)agent.Lab.BehaviourOf(Attempt).Steps });
        reportedStep = step;
    }

    /// <summary>Outputs gather beside the results, and appear by a rename; a crash between any two steps leaves something that a repeat finishes.</summary>
    private async Task PublishAsync(LaunchSpecification launch, AttemptId source)
    {
        var (from, results) = (SharedFiles.RunOf(source) + "/final", SharedFiles.ResultsOf(source));
        var partial = FormattableString.Invariant($"{results}.e{source.Epoch}.partial");
        var pause = TimeSpan.FromMilliseconds(200);
        while (!isDiscarded)
        {
            try
            {
                if (!Files.Exists(results + "/out"))
                {
                    if (!Files.Exists(partial + "/out"))
                    {
                        await host.DelayAsync(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(300));
                        if (!Files.Exists(from + "/out"))
                        {
                            Report(new AttemptReport.LaunchRefused { Reason = "the output is neither in the run directory nor published" });
                            return;
                        }

                        Files.Rename(from, partial, Machine.Name);
                    }

                    await host.DelayAsync(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(300));
                    Files.Sync(partial + "/out");
                    Files.Rename(partial, results, Machine.Name);
                    await host.DelayAsync(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(300));
                    Files.SyncRename(results);
                }

                host.Say($"has published {source}");
                Report(new AttemptReport.Published { Outputs = [new Artifact { Path = launch.Stage.Outputs.FirstOrDefault() ?? "out", Size = 8, Quality = 1 }] });
                return;
            }
            catch (DiskFailedException)
            {
                await host.DelayAsync(pause);
                pause = pause < RetryMax ? pause * 2 : pause;
            }
        }
    }

    private void Report(AttemptReport report)
    {
        var said = folder.Append(report with { Attempt = Attempt, Node = Machine.Id, At = agent.Process.Clock });
        agent.Lab.Oracle.Said(said);
        waiting.Add(said);
        agent.SayReports();
    }
}
