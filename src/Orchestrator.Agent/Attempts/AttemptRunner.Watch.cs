using System.ComponentModel;
using Orchestrator.Agent.Checkpoints;
using Orchestrator.Agent.Outputs;
using Orchestrator.Agent.Processes;
using Orchestrator.Agent.Programs;
using Orchestrator.CheckpointStore;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Attempts;

/// <content>From a running wrapper to the report of its exit.</content>
internal sealed partial class AttemptRunner
{
    private const int ContinueStatus = 85;

    /// <summary>What is left of the wrapper after everything else was killed only has to write a file of a few lines.</summary>
    private static readonly TimeSpan ExitRecordWait = TimeSpan.FromSeconds(10);

    /// <summary>Times of files may lie so much behind the clock.</summary>
    private static readonly TimeSpan FileTimeTick = TimeSpan.FromMilliseconds(10);

    /// <summary>What is written less than this is not worth a word.</summary>
    private const long GrowthMin = 1024 * 1024;

    private readonly ProgressGatherer progress = new();
    private readonly PaceMeter pace = new();
    private readonly HashSet<string> announced = new(StringComparer.Ordinal);
    private DateTimeOffset? spokeAt;
    private long writtenBefore;
    private DateTimeOffset? orderedAt;
    private long ordered;
    private CheckpointKind orderedKind;
    private DateTimeOffset? leaveAt, leaveAfter, newest;
    private string? unreadable, copied;
    private bool staysInPlace;

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
        leaveAt = control.StopBy is not null && launch.Stage.Signals is not null ? agent.Time.GetUtcNow() : null;
        await using var sealer = new CheckpointSealer(
            (checkpoint, cancel) => SealAsync(launch, appended, checkpoint, cancel),
            launch.Stage.Checkpoint.Verify is { } verify ? (checkpoint, cancel) => VerifyAsync(launch, words, verify, checkpoint, cancel) : null,
            (checkpoint, failure) => agent.Logger.CheckpointFailed(checkpoint.Name, Attempt, failure));
        Sample(ProcessTable.Read());
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

                    progress.Add(said.Artifact is { } artifact ? said with { Artifact = Measured(artifact) } : said);
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

    /// <summary>Reports stages that the program wrote, once: the key is made of what it wrote, so that the same comes to the same.</summary>
    private void Announce(string text)
    {
        var key = $"{Attempt.Stage}/{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))[..32]}";
        if (!announced.Add(key) || Spool.Kept.OfType<AttemptReport.Announced>().Any(report => report.Addition.Key == key))
        {
            return;
        }

        Report(new AttemptReport.Announced { Text = text, Addition = new() { Key = key } });
    }

    /// <summary>With the size and the time of the file, where it is one of the run directory.</summary>
    private Artifact Measured(Artifact artifact)
    {
        var path = Path.GetFullPath(Path.Combine(Files.Run, artifact.Path));
        var file = new FileInfo(path);
        return path.StartsWith(Files.Run + Path.DirectorySeparatorChar, StringComparison.Ordinal) && file.Exists ? artifact with { Size = file.Length, WrittenAt = file.LastWriteTimeUtc } : artifact;
    }

    private IEnumerable<string> KnownCheckpoints() =>
        Spool.Kept.OfType<AttemptReport.Checkpointed>().Select(report => report.Checkpoint.Name[(report.Checkpoint.Name.IndexOf('/', StringComparison.Ordinal) + 1)..]);

    private string CatalogueName(FoundCheckpoint checkpoint) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"e{Attempt.Epoch}/{checkpoint.Name}");

    private async Task<bool> SealAsync(LaunchSpecification launch, AppendedFiles appended, FoundCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        try
        {
            var (written, noRoom) = await SealFilesAsync(launch, checkpoint, await appended.DescribeAsync(checkpoint.Appended, cancellationToken), cancellationToken);
            var sealedAt = agent.Time.GetUtcNow();
            // What lies between the order and the first write the program computed, until it had time for it.
            var began = checkpoint.OrderedAt > checkpoint.FirstWrite ? checkpoint.OrderedAt.Value : checkpoint.FirstWrite;
            var work = checkpoint.TakenAt - record.StartedAt;
            var sealedOne = new AttemptReport.Checkpointed
            {
                Order = checkpoint.Order,
                NoRoom = noRoom,
                Checkpoint = new()
                {
                    Name = CatalogueName(checkpoint),
                    Attempt = Attempt,
                    Path = Path.GetRelativePath(Files.Data, written.ManifestPath),
                    Step = checkpoint.Step,
                    Progress = checkpoint.Progress,
                    TakenAt = checkpoint.TakenAt,
                    Cost = checkpoint.TakenAt > began ? checkpoint.TakenAt - began : TimeSpan.Zero,
                    Bytes = written.Bytes,
                    ManifestHash = written.ManifestHash,
                    Status = CheckpointStatus.Intact,
                    Kind = checkpoint.Kind,
                    Flush = sealedAt > checkpoint.TakenAt ? sealedAt - checkpoint.TakenAt : TimeSpan.Zero,
                    WorkSaved = launch.WorkBefore + (work > TimeSpan.Zero ? work : TimeSpan.Zero),
                },
            };
            if (launch.Stage.Checkpoint.ReadBack && await CheckpointFiles.FindDamageAsync(Files.Data, sealedOne.Checkpoint, cancellationToken) is { } damage)
            {
                throw new IOException($"read again, it is not what was written: {damage}");
            }

            Report(sealedOne);
            agent.Logger.CheckpointSealed(checkpoint.Name, Attempt, written.Bytes);
            RemoveCopied(launch, checkpoint);
            if (written.Stored is { } stored)
            {
                await agent.Tier.AddAsync(stored, cancellationToken);
            }

            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The program took it back, or the disk does not give it: it is no checkpoint to rely on.
            agent.Logger.CheckpointUnreadable(checkpoint.Name, Attempt, failure.Message);
            if (Directory.Exists(checkpoint.Directory))
            {
                Report(new AttemptReport.CheckpointFailed
                {
                    Checkpoint = CatalogueName(checkpoint),
                    Reason = failure.Message,
                    IsNoRoom = failure is IOException full && StoreFullException.IsNoRoom(full),
                    Step = checkpoint.Step,
                });
            }

            return false;
        }
    }

    /// <summary>Leaves the files in place, or puts them into the store; when that is full or does not answer, they stay in place after all, and the simulation goes on.</summary>
    private async Task<(SealedCheckpoint Sealed, string? NoRoom)> SealFilesAsync(LaunchSpecification launch, FoundCheckpoint checkpoint, IReadOnlyList<ManifestFile> appended, CancellationToken cancellationToken)
    {
        staysInPlace = false;
        string? noRoom = null;
        if (launch.Stage.Checkpoint.Store == CheckpointStorage.Copy)
        {
            try
            {
                return (await CheckpointCopies.SealAsync(Files.Data, Attempt, checkpoint.Directory, appended, cancellationToken), null);
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                staysInPlace = true;
                noRoom = refused is StoreFullException ? refused.Message : null;
                agent.Logger.CheckpointStaysInPlace(checkpoint.Name, Attempt, refused.Message);
            }
        }

        return (await CheckpointFiles.SealAsync(checkpoint.Directory, appended, cancellationToken), noRoom);
    }

    /// <summary>
    /// Of checkpoints that are in the store, only the newest stays as a directory, too. All stay where something else reads them there: a verify command, or the watch over restart
    /// files, which knows by them what it has taken.
    /// </summary>
    private void RemoveCopied(LaunchSpecification launch, FoundCheckpoint checkpoint)
    {
        var policy = launch.Stage.Checkpoint;
        if (policy.Store != CheckpointStorage.Copy || policy.Verify is not null || !policy.Files.IsEmpty)
        {
            return;
        }

        if (copied is { } before && before != checkpoint.Directory && Directory.Exists(before))
        {
            try
            {
                Directory.Delete(before, recursive: true);
            }
            catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
            {
                // Retention takes it with the checkpoint.
                SayUnreadable(busy.Message);
            }
        }

        copied = staysInPlace ? null : checkpoint.Directory;
    }

    private async Task VerifyAsync(LaunchSpecification launch, CommandLine words, string verify, FoundCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        bool? passed;
        try
        {
            var process = Wrapper.StartLogged(words.Line(verify, checkpoint.Directory), Files.Run, Files.VerifyLog, Cores(), CreateEnvironment(launch, words, RestoreDirectory(launch)));
            passed = await CheckpointSealer.JudgeAsync(process, agent.Options.VerifyTimeout, agent.Time, cancellationToken);
        }
        catch (Win32Exception missing)
        {
            agent.Logger.VerifyFailed(checkpoint.Name, missing.Message);
            return;
        }

        if (passed is { } judged)
        {
            agent.Logger.CheckpointVerified(checkpoint.Name, judged);
            Report(new AttemptReport.Verified { Checkpoint = CatalogueName(checkpoint), Passed = judged });
        }
        else
        {
            agent.Logger.VerifyFailed(checkpoint.Name, "the verify command took too long.");
        }
    }

    /// <summary>A program that says nothing and writes is alive: who judges stalls is to know it.</summary>
    private void ReportGrowth(DateTimeOffset now)
    {
        spokeAt ??= now;
        if (now - spokeAt < agent.Options.GrowthInterval || Spool.HoldsProgress)
        {
            return;
        }

        spokeAt = now;
        ResourceUse? use;
        lock (metering)
        {
            use = meter?.Use(now);
        }

        if (use is { } known && known.BytesWritten - writtenBefore >= GrowthMin)
        {
            writtenBefore = known.BytesWritten;
            Report(new AttemptReport.Progressed { Use = known });
        }
    }

    private void ReportProgress(DateTimeOffset now)
    {
        spokeAt = now;
        ResourceUse? use;
        lock (metering)
        {
            use = meter?.Use(now);
        }

        Report(progress.Take() with { Use = use });
    }

    private void ReportExit(LaunchSpecification launch, ControlFile control, CommandLine words, ExitRecord? exit)
    {
        var ended = exit?.EndedAt ?? agent.Time.GetUtcNow();
        lock (metering)
        {
            if (exit is not null)
            {
                meter!.Finish(exit);
            }

            finalUse = meter!.Use(ended);
        }

        if (progress.HasNews)
        {
            ReportProgress(ended);
        }

        var order = Volatile.Read(ref lease).Order;
        var asked = control.StopBy is not null;
        var report = new AttemptReport.Exited
        {
            ExitStatus = exit is null || exit.Signal is not null ? null : exit.Status,
            Signal = exit?.Signal,
            AskedToLeave = asked,
            Asked = !asked ? StopReason.Absent : order.StopBy is null ? control.Reason : order.Reason,
            MissingOutputs = OutputPublisher.Missing(Files.Run, launch.Stage.Outputs.Select(words.Value)),
            Progress = progress.Progress,
            Use = finalUse,
            LastWords = exit?.Status is 0 or ContinueStatus ? null : LastWords(),
        };
        agent.Logger.AttemptExited(Attempt, report.ExitStatus, report.Signal, asked);
        Report(report);
        Volatile.Write(ref hasProcesses, false);
        agent.Heartbeat.Set();
    }

    private void SayUnreadable(string reason)
    {
        if (reason != unreadable)
        {
            unreadable = reason;
            agent.Logger.FilesUnreadable(Attempt, reason);
        }
    }
}
