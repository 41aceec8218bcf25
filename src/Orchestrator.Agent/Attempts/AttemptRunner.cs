using System.Collections.Immutable;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Agent.Outputs;
using Orchestrator.Agent.Processes;
using Orchestrator.Agent.Programs;
using Orchestrator.Agent.Reports;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Attempts;

/// <summary>
/// One attempt on this node, from its lease until the lease is gone. What it does next follows from what lies on disk (record, spool, pid file, exit record), so it goes on
/// where an earlier agent stopped. The program itself never depends on it.
/// </summary>
internal sealed partial class AttemptRunner : IDisposable
{
    private readonly AgentContext agent;
    private readonly string stateDirectory;
    private readonly Wake wake;
    private readonly CancellationTokenSource vanished = new();
    private readonly TaskCompletionSource<ReportInstruction> afterExit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock metering = new();
    private AttemptRecord record;
    private WantedLease lease;
    private AttemptProcesses processes;
    private UsageMeter? meter;
    private ResourceUse? finalUse;
    private bool hasProcesses, discarded;
    private bool adopted;

    private AttemptRunner(AgentContext agent, string stateDirectory, AttemptRecord record)
    {
        (this.agent, this.stateDirectory, this.record) = (agent, stateDirectory, record);
        lease = record.Lease;
        wake = new(agent.Time);
        Files = new(agent.Options.DataDirectory, Attempt);
        Spool = new(Path.Combine(stateDirectory, "reports.jsonl"));
        processes = new(null, Files.Run, agent.Time);

        // The answer to the exit says what comes next; the one that an earlier agent got is gone with it.
        if (Spool.Last is AttemptReport.Exited)
        {
            Spool.RepeatLast();
        }

        adopted = record.Start > 0;
        hasProcesses = record.Start > 0 && Spool.Last is not (AttemptReport.Exited or AttemptReport.Published or AttemptReport.LaunchRefused);
    }

    public AttemptId Attempt => record.Lease.Attempt;

    public ReportSpool Spool { get; }

    private AttemptFiles Files { get; }

    /// <summary>For an attempt that is wanted and not known.</summary>
    public static AttemptRunner Create(AgentContext agent, WantedLease lease)
    {
        var directory = Path.Combine(agent.StateDirectory, "attempts", FolderName(lease.Attempt));
        Directory.CreateDirectory(directory);
        var record = new AttemptRecord { Lease = lease };
        record.Write(Path.Combine(directory, "attempt.json"));
        return new(agent, directory, record);
    }

    /// <summary>For what an earlier agent left; null when it left nothing that could have started.</summary>
    public static AttemptRunner? Adopt(AgentContext agent, string directory)
    {
        if (AttemptRecord.Read(Path.Combine(directory, "attempt.json")) is { } record)
        {
            return new(agent, directory, record);
        }

        Directory.Delete(directory, recursive: true);
        return null;
    }

    /// <summary>The newest form of the lease, with what is asked of the attempt now.</summary>
    public void Update(WantedLease wanted)
    {
        Volatile.Write(ref lease, wanted);
        wake.Set();
    }

    /// <summary>The lease is gone: everything of the attempt is killed and forgotten.</summary>
    public void Vanish() => vanished.Cancel();

    /// <summary>The gateway's answer to a report.</summary>
    public void Answer(AttemptReport report, ReportReply reply)
    {
        if (reply.Instruction == ReportInstruction.Discard)
        {
            Volatile.Write(ref discarded, true);
            agent.Logger.Discarded(Attempt);
        }

        if (report is AttemptReport.Exited)
        {
            afterExit.TrySetResult(reply.Instruction);
        }

        wake.Set();
    }

    /// <summary>As a heartbeat tells it.</summary>
    public RunningAttempt Describe()
    {
        lock (metering)
        {
            return new()
            {
                Attempt = Attempt,
                HasProcesses = Volatile.Read(ref hasProcesses),
                Use = finalUse ?? meter?.Use(agent.Time.GetUtcNow()),
                Pace = finalUse is null ? pace.Pace : null,
            };
        }
    }

    /// <summary>Looks whether anything of it runs on this node, whoever leads it. It reads of every process of the node.</summary>
    public bool HasProcessesHere() => Volatile.Read(ref hasProcesses) || processes.Everything().Count > 0;

    /// <summary>It holds GPUs of this node.</summary>
    public bool HoldsGpus => !record.Lease.Share.Gpus.IsDefaultOrEmpty;

    /// <summary>Measures what runs.</summary>
    /// <param name="table">What runs on the machine.</param>
    /// <param name="gpus">How busy each GPU of the machine is, 0 to 1; empty, or null: not known.</param>
    public void Sample(ProcessTable table, ImmutableArray<double?> gpus)
    {
        lock (metering)
        {
            if (finalUse is null && meter is not null)
            {
                var members = processes.Members(table);
                meter.Sample(members);
                meter.LookAtGpus(OwnOf(gpus), agent.Time.GetUtcNow());
                CompareWithShare(meter, members);
            }
        }
    }

    /// <summary>Runs until the lease is gone and everything is cleared away, or until the agent stops, which leaves the program alone.</summary>
    /// <param name="before">What must have ended before anything is started: an earlier attempt of the same stage.</param>
    /// <param name="stopping">The agent stops.</param>
    public async Task RunAsync(Task before, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, vanished.Token);
        var pause = TimeSpan.FromMilliseconds(500);
        while (!either.IsCancellationRequested)
        {
            try
            {
                await before.WaitAsync(either.Token);
                await CarryOutAsync(either.Token);
                await Task.Delay(Timeout.InfiniteTimeSpan, agent.Time, either.Token);
            }
            catch (OperationCanceledException) when (either.IsCancellationRequested)
            {
                break;
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                agent.Logger.AttemptFailed(Attempt, failure);
                await PauseAsync(pause, either.Token);
                pause = pause < agent.Options.RetryMax ? pause * 2 : pause;
            }
        }

        if (vanished.IsCancellationRequested)
        {
            await ForgetAsync(stopping);
        }
    }

    public void Dispose()
    {
        Spool.Dispose();
        vanished.Dispose();
    }

    /// <summary>Of its GPUs alone. Of one that it shares nobody knows whose work keeps it busy.</summary>
    private double[] OwnOf(ImmutableArray<double?> gpus)
    {
        var share = record.Lease.Share;
        return share.GpuThousandths >= 1000 && HoldsGpus && share.Gpus.All(gpu => gpu < gpus.Length && gpus[gpu] is not null) ? [.. share.Gpus.Select(gpu => gpus[gpu]!.Value)] : [];
    }

    private static string FolderName(AttemptId attempt) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{attempt.Simulation}~{attempt.Stage}~{attempt.Epoch}");

    private async Task CarryOutAsync(CancellationToken cancellationToken)
    {
        if (!record.Lease.IsLead || Spool.Last is AttemptReport.Published or AttemptReport.LaunchRefused)
        {
            return;
        }

        if (record.Launch is not { } launch)
        {
            launch = await AskForLaunchAsync(cancellationToken);
            Store(record with { Launch = launch });
        }

        if (launch.PublishOnlyEpoch > 0)
        {
            await PublishAsync(launch, launch.Attempt with { Epoch = launch.PublishOnlyEpoch }, cancellationToken);
            return;
        }

        if (Spool.Last is not AttemptReport.Exited)
        {
            if (Spool.Last is null && !await StartAsync(launch, cancellationToken))
            {
                return;
            }

            Attach(launch);
            if (!await WatchAsync(launch, cancellationToken))
            {
                return;
            }
        }

        if (await afterExit.Task.WaitAsync(cancellationToken) == ReportInstruction.Publish)
        {
            await PublishAsync(launch, launch.Attempt, cancellationToken);
        }
    }

    private async Task<LaunchSpecification> AskForLaunchAsync(CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromMilliseconds(100);
        string? said = null;
        while (true)
        {
            string reason;
            try
            {
                var reply = await agent.Gateway.GetLaunchAsync(Attempt, agent.Options.Node, cancellationToken);
                if (reply.Launch is { } launch)
                {
                    return launch;
                }

                reason = reply.Reason ?? "no reason was given.";
            }
            catch (GatewayException away)
            {
                reason = away.Message;
            }

            if (reason != said)
            {
                agent.Logger.LaunchNotAllowed(Attempt, reason);
                said = reason;
            }

            await Task.Delay(pause, agent.Time, cancellationToken);
            pause = pause < agent.Options.RetryMax ? pause * 2 : pause;
        }
    }

    private async Task PublishAsync(LaunchSpecification launch, AttemptId source, CancellationToken cancellationToken)
    {
        var words = new CommandLine(launch, Files, RestoreDirectory(launch));
        var pause = TimeSpan.FromMilliseconds(200);
        while (!Volatile.Read(ref discarded))
        {
            try
            {
                var outputs = await OutputPublisher.PublishAsync(agent.Options.DataDirectory, source, [.. launch.Stage.Outputs.Select(words.Value)], cancellationToken);
                agent.Logger.Published(Attempt, outputs.Length);
                Report(new AttemptReport.Published { Outputs = outputs });
                return;
            }
            catch (FileNotFoundException missing)
            {
                Refuse(missing.Message, nodeAtFault: false);
                return;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                agent.Logger.PublishFailed(Attempt, failure);
                await Task.Delay(pause, agent.Time, cancellationToken);
                pause = pause < agent.Options.RetryMax ? pause * 2 : pause;
            }
        }
    }

    private async Task ForgetAsync(CancellationToken stopping)
    {
        try
        {
            await processes.KillAsync(alsoWrapper: true, stopping);
        }
        catch (OperationCanceledException)
        {
            // The next agent finds the record, and that the lease is gone.
            return;
        }

        Volatile.Write(ref hasProcesses, false);
        Spool.Dispose();
        try
        {
            Directory.Delete(stateDirectory, recursive: true);
        }
        catch (Exception kept) when (kept is IOException or UnauthorizedAccessException)
        {
            // Nothing runs any more, which is what counts; the next agent finds the rest, and that the lease is gone.
            agent.Logger.RecordKept(Attempt, kept.Message);
        }

        agent.Logger.Forgotten(Attempt);
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(pause, agent.Time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The loop around looks why.
        }
    }

    private void Refuse(string reason, bool nodeAtFault)
    {
        agent.Logger.LaunchRefused(Attempt, reason);
        Report(new AttemptReport.LaunchRefused { Reason = reason, NodeAtFault = nodeAtFault });
    }

    private void Report(AttemptReport report)
    {
        Spool.Append(report with { Attempt = Attempt, Node = agent.Options.Node, At = agent.Time.GetUtcNow() });
        agent.Reports.Set();
    }

    private void Store(AttemptRecord changed)
    {
        changed.Write(Path.Combine(stateDirectory, "attempt.json"));
        record = changed;
    }
}
