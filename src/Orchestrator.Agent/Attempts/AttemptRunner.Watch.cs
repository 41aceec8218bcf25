using Orchestrator.Agent.Checkpoints;
using Orchestrator.Agent.Processes;
using Orchestrator.Agent.Programs;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Attempts;

/// <content>From a running wrapper to the report of its exit.</content>
internal sealed partial class AttemptRunner
{
    /// <summary>What is left of the wrapper after everything else was killed only has to write a file of a few lines.</summary>
    private static readonly TimeSpan ExitRecordWait = TimeSpan.FromSeconds(10);

    /// <summary>Times of files may lie so much behind the clock.</summary>
    private static readonly TimeSpan FileTimeTick = TimeSpan.FromMilliseconds(10);

    private readonly ProgressGatherer progress = new();
    private readonly PaceMeter pace = new();
    private DateTimeOffset? spokeAt;
    private DateTimeOffset? orderedAt;
    private long ordered;
    private CheckpointKind orderedKind;
    private DateTimeOffset? leaveAt, leaveAfter, newest;
    private PreviewWatch? previews;

    /// <summary>Follows the program until nothing of it runs, and reports its exit. False when the gateway discarded it before.</summary>
    private async Task<bool> WatchAsync(LaunchSpecification launch, CancellationToken cancellationToken)
    {
        if (adopted)
        {
            agent.Logger.AttemptAdopted(Attempt, processes.Leader?.Id ?? 0, processes.LeaderIsAlive);
            adopted = false;
        }

        Volatile.Write(ref hasProcesses, true);
        agent.Heartbeat.Set();
        var control = new ControlFile(Files.Control);
        var words = new CommandLine(launch, Files, RestoreDirectory(launch));
        var tail = new LineTail(Files.Progress);
        var checkpoints = new CheckpointDirectoryWatch(Files.Checkpoints, KnownCheckpoints(), agent.Options.AnnouncementWait);
        var restartFiles = launch.Stage.Checkpoint.Files.IsEmpty
            ? null
            : new RestartFileWatch(Files.Run, Files.Checkpoints, Files.StandardOutput, launch.Stage.Checkpoint, launch.Stage.Checkpoint.Files.Select(words.Value), agent.Options.StableAfter);
        using var appended = new AppendedFiles(Files.Run, [.. launch.Stage.Appends.Select(words.Value)]);
        previews = launch.Stage.Preview is null ? null : new(Files.Data, Files.Run);
        leaveAt = control.StopBy is not null && launch.Stage.Signals is not null ? agent.Time.GetUtcNow() : null;
        await using var sealer = new CheckpointSealer(
            (checkpoint, cancel) => SealAsync(launch, appended, checkpoint, cancel),
            launch.Stage.Checkpoint.Verify is { } verify ? (checkpoint, cancel) => VerifyAsync(launch, words, verify, checkpoint, cancel) : null,
            (checkpoint, failure) => agent.Logger.CheckpointFailed(checkpoint.Name, Attempt, failure));
        Sample(ProcessTable.Read(), []);
        var exit = await FollowAsync(launch, control, () => LookAtFiles(tail, checkpoints, restartFiles, appended, sealer, ended: false, left: false), cancellationToken);
        if (exit is null && Volatile.Read(ref discarded))
        {
            await processes.KillAsync(alsoWrapper: true, cancellationToken);
            Volatile.Write(ref hasProcesses, false);
            agent.Heartbeat.Set();
            return false;
        }

        await ClearAsync(control, cancellationToken);
        exit ??= ExitRecord.Read(Files.Exit);
        LookAtFiles(tail, checkpoints, restartFiles, appended, sealer, ended: true, left: exit?.Status is 0 or ContinueStatus);
        await sealer.FinishAsync();
        ReportExit(launch, control, words, exit);
        return true;
    }

    /// <summary>Returns the exit record; null when the wrapper is gone without one, or the gateway discarded the attempt.</summary>
    private async Task<ExitRecord?> FollowAsync(LaunchSpecification launch, ControlFile control, Action look, CancellationToken cancellationToken)
    {
        DateTimeOffset? killedAt = null;
        var reportedAt = DateTimeOffset.MinValue;
        while (!Volatile.Read(ref discarded))
        {
            // The order of these looks matters: a wrapper that is gone wrote its record before.
            var alive = processes.LeaderIsAlive;
            if (ExitRecord.Read(Files.Exit) is { } exit)
            {
                return exit;
            }

            if (!alive)
            {
                return null;
            }

            var now = agent.Time.GetUtcNow();
            GiveOrders(launch, control, now);
            if (control.StopBy <= now && killedAt is null)
            {
                agent.Logger.KilledLate(Attempt);
                await processes.KillAsync(alsoWrapper: false, cancellationToken);
                killedAt = now;
                continue;
            }

            if (now - killedAt > ExitRecordWait)
            {
                await processes.KillAsync(alsoWrapper: true, cancellationToken);
                continue;
            }

            look();
            if (progress.HasNews && now - reportedAt >= agent.Options.ProgressInterval && !Spool.HoldsProgress)
            {
                ReportProgress(now);
                reportedAt = now;
            }

            ReportGrowth(now);
            await wake.WaitAsync(agent.Options.PollInterval, cancellationToken);
        }

        return null;
    }

    private void GiveOrders(LaunchSpecification launch, ControlFile control, DateTimeOffset now)
    {
        var order = Volatile.Read(ref lease).Order;
        var (by, reason) = (order.StopBy, order.Reason);
        if (launch.EndTime is { } end && now >= end - launch.Stage.Grace && (by is null || end < by))
        {
            (by, reason) = (end, by is null ? StopReason.Walltime : reason);
        }

        try
        {
            if (order.Checkpoint > 0 && control.OrderCheckpoint(order.Checkpoint, order.CheckpointKind))
            {
                (ordered, orderedAt, orderedKind) = (order.Checkpoint, now, order.CheckpointKind);
                if (launch.Stage.Signals is { } signals && Signals.NumberOf(signals.Checkpoint) is { } asksFor)
                {
                    processes.Signal(asksFor, signals.Target);
                }
            }

            var asked = control.StopBy is not null;
            if (order.Preview > 0 && by is null && !asked && previews is not null && control.OrderPreview(order.Preview, order.PreviewLevel, previews.PathOf(order.PreviewLevel, order.Preview)))
            {
                previews.Ordered(order.Preview, now);
            }

            if (by is { } time && control.OrderStop(time, reason) && !asked)
            {
                agent.Logger.AskedToLeave(Attempt, time, reason.ToString());
                if (launch.Stage.Signals is { } wish && Signals.NumberOf(wish.Checkpoint) is { } number)
                {
                    // It knows a signal for checkpoints: it has half of the time for one before it is asked to go.
                    processes.Signal(number, wish.Target);
                    (leaveAt, leaveAfter) = (now + ((time - now) / 2), now - FileTimeTick);
                }
                else
                {
                    processes.Terminate();
                }
            }

            if (leaveAt is { } latest && (now >= latest || newest >= leaveAfter))
            {
                leaveAt = null;
                processes.Terminate();
            }
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            SayUnreadable(unwritable.Message);
        }
    }

    /// <summary>
    /// After the line has ended, what it left in the background ends, too: at once, or when the time to leave is over if it was asked to leave.
    /// </summary>
    private async Task ClearAsync(ControlFile control, CancellationToken cancellationToken)
    {
        while (control.StopBy is { } by && agent.Time.GetUtcNow() < by && processes.Everything().Any(id => id != processes.Leader?.Id))
        {
            await wake.WaitAsync(agent.Options.PollInterval, cancellationToken);
        }

        await processes.KillAsync(alsoWrapper: true, cancellationToken);
    }

    private void LookAtFiles(LineTail tail, CheckpointDirectoryWatch checkpoints, RestartFileWatch? restartFiles, AppendedFiles appended, CheckpointSealer sealer, bool ended, bool left)
    {
        try
        {
            for (var lines = tail.Read(); lines.Count > 0; lines = tail.Read())
            {
                foreach (var line in lines)
                {
                    if (ProgressLine.Parse(line) is not { } said)
                    {
                        continue;
                    }

                    var file = said.Artifact is { } artifact ? Measured(artifact) : null;
                    progress.Add(said with { Artifact = file });
                    if (file is not null && previews?.Recognize(file, said.Took, agent.Time.GetUtcNow()) is { } preview)
                    {
                        progress.Add(preview);
                    }

                    if (said.Stages is { } text)
                    {
                        Announce(text);
                    }

                    if (said.Checkpoint is { } name)
                    {
                        checkpoints.Announce(name, said.Step ?? progress.Step, said.Progress ?? progress.Progress, said.Appended);
                    }
                }
            }

            var now = agent.Time.GetUtcNow();
            lock (metering)
            {
                if (progress.Step >= 0 || progress.Progress >= 0)
                {
                    pace.Look(progress.Step >= 0 ? progress.Step : progress.Progress, now);
                }
            }

            if (restartFiles?.Look(now, left) is { } made)
            {
                checkpoints.Announce(made, restartFiles.Step ?? progress.Step, progress.Progress);
            }

            foreach (var checkpoint in checkpoints.Look(now, ended))
            {
                var answers = orderedAt is { } since && checkpoint.TakenAt >= since;
                newest = newest > checkpoint.TakenAt ? newest : checkpoint.TakenAt;
                var found = checkpoint with { Appended = appended.LengthsAt(checkpoint.TakenAt, checkpoint.AppendedSaid) };
                foreach (var unknown in appended.Names.Where(name => !found.Appended.ContainsKey(name)))
                {
                    agent.Logger.LengthUnknown(Attempt, unknown, checkpoint.Name);
                }

                sealer.Add(answers ? found with { Order = ordered, OrderedAt = orderedAt, Kind = orderedKind == CheckpointKind.Absent ? CheckpointKind.Full : orderedKind } : found);
                orderedAt = answers ? null : orderedAt;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A file system that does not answer now may do so at the next look; the program is not judged by it.
            SayUnreadable(failure.Message);
        }
    }
}
