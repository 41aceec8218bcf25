using Microsoft.Extensions.Logging;
using Orchestrator.CheckpointStore;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Storing;

namespace Orchestrator.Agent.Checkpoints;

/// <summary>
/// Copies checkpoints of the store of the data directory to the store on another tier, when one is set, beside the running programs. What is owed when the agent ends, or what
/// the tier did not take, goes with a later one.
/// </summary>
internal sealed class CheckpointTier(string dataDirectory, ILogger logger) : IAsyncDisposable
{
    private readonly SemaphoreSlim gate = new(1, 1);
    private TierFlusher? flusher;
    private (string To, int Slots) settings;

    /// <summary>Opens the tier where that is needed, and returns: the copy is made by itself.</summary>
    public async Task AddAsync(string id, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            var set = StoreSettings.Read(dataDirectory);
            if (set.FlushTo is not { } to)
            {
                return;
            }

            if (flusher is null || settings != (to, set.FlushSlots))
            {
                await EndAsync();
                settings = (to, set.FlushSlots);
                flusher = await Task.Factory.StartNew(() => Begin(to, set.FlushSlots), cancellationToken, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
            }

            flusher.Add(id);
        }
        catch (Exception away) when (away is IOException or UnauthorizedAccessException)
        {
            logger.FlushFailed(id, away.Message);
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        gate.Dispose();
    }

    /// <summary>With what agents of this machine owe from before.</summary>
    private TierFlusher Begin(string to, int slots)
    {
        var near = ChunkStore.Open(new DirectoryFiles(Path.Combine(dataDirectory, CheckpointCopies.StoreDirectory)));
        var far = ChunkStore.Open(new DirectoryFiles(to), create: true);
        var begun = new TierFlusher(near, far, slots, flushed => logger.Flushed(flushed.Id, flushed.Copied), (id, failure) => logger.FlushFailed(id, failure.Message));
        foreach (var owed in near.List().Where(owed => owed.Checkpoint?.Host == Environment.MachineName && !far.Contains(owed.Id)))
        {
            begun.Add(owed.Id);
        }

        return begun;
    }

    private async Task EndAsync()
    {
        if (flusher is { } ended)
        {
            flusher = null;
            await ended.DisposeAsync();
        }
    }
}
