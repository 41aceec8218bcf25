using Microsoft.Extensions.Logging;
using Orchestrator.CheckpointStore;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Storing;

namespace Orchestrator.Agent.Checkpoints;

/// <summary>
/// Copies checkpoints of the store of the data directory to the store on another tier, when one is set, beside the running programs. What is owed when the agent ends, or what
/// the tier did not take, goes with a later one. Nobody ever waits for the tier: only the flusher's own thread touches it.
/// </summary>
internal sealed class CheckpointTier(string dataDirectory, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    /// <summary>A flush that does not see within this that it is to end, since its tier hangs, is left to the end of the process.</summary>
    private static readonly TimeSpan EndWait = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private TierFlusher? flusher;
    private Task former = Task.CompletedTask;
    private (string To, int Slots) settings;

    /// <summary>Returns at once: the copy is made by itself.</summary>
    public void Add(string id)
    {
        try
        {
            var set = StoreSettings.Read(dataDirectory);
            if (set.FlushTo is not { } to)
            {
                return;
            }

            lock (gate)
            {
                if (flusher is null || settings != (to, set.FlushSlots))
                {
                    former = Task.WhenAll(former, EndAsync(flusher));
                    settings = (to, set.FlushSlots);
                    flusher = Begin(to, set.FlushSlots);
                }

                flusher.Add(id);
            }
        }
        catch (Exception away) when (away is IOException or UnauthorizedAccessException)
        {
            logger.FlushFailed(id, away.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task ended;
        lock (gate)
        {
            ended = Task.WhenAll(former, EndAsync(flusher));
            flusher = null;
        }

        await ended;
    }

    /// <summary>With what agents of this machine owe from before.</summary>
    private TierFlusher Begin(string to, int slots)
    {
        var near = ChunkStore.Open(new DirectoryFiles(Path.Combine(dataDirectory, CheckpointCopies.StoreDirectory)));
        return new(
            near,
            () => ChunkStore.Open(new DirectoryFiles(to), create: true),
            slots,
            flushed => logger.Flushed(flushed.Id, flushed.Copied),
            (id, failure) => logger.FlushFailed(id, failure.Message),
            far => near.List().Where(owed => owed.Checkpoint?.Host == Environment.MachineName && !far.Contains(owed.Id)).Select(static owed => owed.Id),
            time);
    }

    private async Task EndAsync(TierFlusher? ended)
    {
        if (ended is null)
        {
            return;
        }

        try
        {
            await ended.DisposeAsync().AsTask().WaitAsync(EndWait, time);
        }
        catch (TimeoutException)
        {
            logger.FlushFailed("what is owed", "the tier does not answer");
        }
    }
}
