using Orchestrator.CheckpointStore;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Grains.Simulations;

namespace Orchestrator.Silo;

/// <summary>Removes pruned checkpoints from the data directory: the manifest first, so that what is half removed is no checkpoint any more.</summary>
/// <param name="dataDirectory">The data directory.</param>
/// <param name="forgotten">Called when something was forgotten in its store, whose space is to come back.</param>
internal sealed class CheckpointFilesOnDisk(string dataDirectory, Action forgotten) : ICheckpointFiles
{
    private const string ManifestSuffix = ".manifest";

    public Task DeleteAsync(CheckpointRecord checkpoint, CancellationToken cancellationToken = default)
    {
        // The path came from an agent: only what lies in the run directories of its own stage is ever removed.
        var parts = checkpoint.Path.Split('/');
        if (parts is not ["runs", var simulation, var stage, _, ..] || simulation != checkpoint.Attempt.Simulation.Value || stage != checkpoint.Attempt.Stage
            || !checkpoint.Path.EndsWith(ManifestSuffix, StringComparison.Ordinal) || parts.Any(static part => part is "" or "." or ".."))
        {
            return Task.CompletedTask;
        }

        // A tree on a parallel file system may be large; the grain waits for nothing but this effect.
        return Task.Factory.StartNew(() => Delete(checkpoint, parts, cancellationToken), cancellationToken, TaskCreationOptions.DenyChildAttach | TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private void Delete(CheckpointRecord checkpoint, string[] parts, CancellationToken cancellationToken)
    {
        var path = Path.Combine(dataDirectory, parts[0]);
        foreach (var part in parts[1..])
        {
            // A site may have put all runs elsewhere; below that no link is followed.
            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null)
            {
                return;
            }
        }

        if (CheckpointCopies.Delete(dataDirectory, checkpoint))
        {
            forgotten();
        }

        File.Delete(path);
        var directory = path[..^ManifestSuffix.Length];
        cancellationToken.ThrowIfCancellationRequested();
        if (new DirectoryInfo(directory) is { Exists: true, LinkTarget: null })
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
