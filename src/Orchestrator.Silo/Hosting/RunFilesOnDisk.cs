using Orchestrator.CheckpointStore;
using Orchestrator.Core.Simulations;
using Orchestrator.Grains.Simulations;

namespace Orchestrator.Silo;

/// <summary>
/// Removes files of attempts that are over from the data directory. What is half removed is removed by the next try, and what is gone is gone: it may be done any number of times. Sealed
/// checkpoints are never touched, and a run directory into which something leads that stays (see <see cref="RunLinks"/>) stays with it.
/// </summary>
internal sealed class RunFilesOnDisk(string dataDirectory) : IRunFiles
{
    private const string Unfinished = ".partial";

    /// <summary>What is brought back from the store is gathered under such a name.</summary>
    private const string Fresh = ".fresh";

    /// <summary>So many at once: thousands of simulations may end in the same hour, and each removal is a thread, and load on a file system that all of them write to.</summary>
    private const int AtOnce = 4;

    private readonly Dictionary<RunClearing, Task<bool>> underWay = [];
    private readonly TaskScheduler few = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, AtOnce).ConcurrentScheduler;

    public Task<bool> ClearAsync(RunClearing clearing, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(clearing);
        lock (underWay)
        {
            // Whoever asked may have given up on a large tree, or on a file system that hangs: the same work is waited for, and no second thread is begun.
            if (!underWay.TryGetValue(clearing, out var work) || work.IsCompleted)
            {
                work = Task.Factory.StartNew(() => Clear(clearing), CancellationToken.None, TaskCreationOptions.DenyChildAttach, few);
                underWay[clearing] = work;
                _ = ForgetAsync(clearing, work);
            }

            return work.WaitAsync(cancellationToken);
        }
    }

    private async Task ForgetAsync(RunClearing clearing, Task work)
    {
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (underWay)
        {
            if (underWay.GetValueOrDefault(clearing) == work)
            {
                underWay.Remove(clearing);
            }
        }
    }

    private bool Clear(RunClearing clearing)
    {
        var parts = RunLayout.AttemptDirectory(clearing.Attempt).Split('/');
        var attempt = Path.Combine(dataDirectory, parts[0]);
        foreach (var part in parts[1..])
        {
            // A site may have put all runs elsewhere; below that no link is followed.
            attempt = Path.Combine(attempt, part);
            if (new FileInfo(attempt).LinkTarget is not null)
            {
                return false;
            }
        }

        try
        {
            var checkpoints = Path.Combine(dataDirectory, RunLayout.CheckpointDirectory(clearing.Attempt));
            if (clearing.Keep >= RunFiles.Finished && new DirectoryInfo(checkpoints) is { Exists: true, LinkTarget: null })
            {
                foreach (var unfinished in Directory.EnumerateFileSystemEntries(checkpoints, "*" + Unfinished).Where(static path => !IsSealed(path)))
                {
                    Remove(unfinished);
                }
            }

            if (clearing.Keep >= RunFiles.Logs)
            {
                if (RunLinks.LeadInto(dataDirectory, clearing.Attempt) || RunLinks.IsMountedIn(RunLinks.Mounts(), clearing.Attempt))
                {
                    return false;
                }

                Remove(Path.Combine(dataDirectory, RunLayout.RunDirectory(clearing.Attempt)));
            }

            if (clearing.Keep >= RunFiles.Traces && Directory.Exists(attempt))
            {
                foreach (var file in Directory.EnumerateFiles(attempt).Where(static file => !IsTrace(Path.GetFileName(file))))
                {
                    File.Delete(file);
                }
            }

            return true;
        }
        catch (UnauthorizedAccessException)
        {
            // It belongs to somebody else, or the program took its own rights away: a person may, who is told by what stays.
            return false;
        }
    }

    /// <summary>A restart, or a person, may just be bringing the files of a sealed checkpoint back beside it.</summary>
    private static bool IsSealed(string unfinished)
    {
        var name = unfinished[..^Unfinished.Length];
        return File.Exists((name.EndsWith(Fresh, StringComparison.Ordinal) ? name[..^Fresh.Length] : name) + CheckpointFiles.ManifestSuffix);
    }

    /// <summary>By these an agent that comes back knows that it was started.</summary>
    private static bool IsTrace(string name) => name is "exit" or "pid" || name.StartsWith("pid.", StringComparison.Ordinal);

    private static void Remove(string path)
    {
        try
        {
            if (new DirectoryInfo(path) is { Exists: true, LinkTarget: null })
            {
                Directory.Delete(path, recursive: true);
            }
            else
            {
                File.Delete(path);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // It is gone, or its parent is.
        }
    }
}
