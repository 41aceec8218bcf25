using Orchestrator.CheckpointStore;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Grains.Simulations;

namespace Orchestrator.Silo;

/// <summary>Removes pruned checkpoints from the data directory: the manifest first, so that what is half removed is no checkpoint any more.</summary>
internal sealed class CheckpointFilesOnDisk(SiloConfiguration configuration, StoreCollection collection) : ICheckpointFiles
{
    private const string ManifestSuffix = ".manifest";

    public Task DeleteAsync(CheckpointRecord checkpoint, CancellationToken cancellationToken = default)
    {
        // The path came from an agent: only what lies in the run directories is ever removed, and no link is followed to it.
        var parts = checkpoint.Path.Split('/');
        if (parts is not ["runs", _, ..] || !checkpoint.Path.EndsWith(ManifestSuffix, StringComparison.Ordinal) || parts.Any(static part => part is "" or "." or ".."))
        {
            return Task.CompletedTask;
        }

        // A tree on a parallel file system may be large; the grain waits for nothing but this effect.
        return Task.Factory.StartNew(() => Delete(checkpoint, parts, cancellationToken), cancellationToken, TaskCreationOptions.DenyChildAttach | TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private void Delete(CheckpointRecord checkpoint, string[] parts, CancellationToken cancellationToken)
    {
        var path = configuration.DataDirectory;
        foreach (var part in parts)
        {
            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null)
            {
                return;
            }
        }

        if (CheckpointCopies.Delete(configuration.DataDirectory, checkpoint))
        {
            collection.Ask();
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
