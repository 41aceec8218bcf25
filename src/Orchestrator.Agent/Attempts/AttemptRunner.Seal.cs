using System.ComponentModel;
using Orchestrator.Agent.Checkpoints;
using Orchestrator.Agent.Outputs;
using Orchestrator.Agent.Processes;
using Orchestrator.Agent.Programs;
using Orchestrator.CheckpointStore;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Attempts;

/// <content>Checkpoints that the program wrote: proven, made durable, and reported.</content>
internal sealed partial class AttemptRunner
{
    private string? copied;
    private bool staysInPlace;

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
                agent.Tier.Add(stored);
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
                    Path = Path.GetRelativePath(Files.Data, checkpoint.Directory + CheckpointFiles.ManifestSuffix),
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
        OwnFiles(checkpoint);
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

    /// <summary>What a checkpoint shares with its run, or with an older one from which that went on, is to outlive both.</summary>
    private void OwnFiles(FoundCheckpoint checkpoint)
    {
        try
        {
            LooseLinks.Settle(checkpoint.Directory, Path.Combine(Files.Data, "runs"), isMoved: false);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            // It is as good as its links are, then.
            SayUnreadable(unwritable.Message);
        }
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
}
