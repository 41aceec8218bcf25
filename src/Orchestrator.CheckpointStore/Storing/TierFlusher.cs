using System.Threading.Channels;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>
/// Copies checkpoints from a near store to a far one, one after the other, beside whatever else runs; at most so many processes flush to the far store at once. What fails is
/// told and tried again with the next one, newest first, and after a while where none comes: of a program that has ended the last one is what everybody wants.
/// </summary>
public sealed class TierFlusher : IAsyncDisposable
{
    /// <summary>A tier that failed is asked again after so long.</summary>
    public static readonly TimeSpan AgainAfter = TimeSpan.FromMinutes(10);

    private readonly Channel<string> waiting = Channel.CreateUnbounded<string>(new() { SingleReader = true });
    private readonly CancellationTokenSource stop = new();
    private readonly Task working;
    private Task<bool>? coming;

    /// <param name="near">From where.</param>
    /// <param name="far">Opens the store to which; asked on the thread that flushes, and again with the next checkpoint when it fails: a tier that hangs holds up nobody else.</param>
    /// <param name="slots">How many processes may flush to the far store at once.</param>
    /// <param name="done">Told of each checkpoint that the far store has now.</param>
    /// <param name="failed">Told of each attempt that failed, with the reason.</param>
    /// <param name="owedBefore">Asked once, with the far store: checkpoints that it lacks since before.</param>
    /// <param name="time">The clock; null: the system's.</param>
    public TierFlusher(
        ChunkStore near,
        Func<ChunkStore> far,
        int slots,
        Action<FlushResult>? done = null,
        Action<string, Exception>? failed = null,
        Func<ChunkStore, IEnumerable<string>>? owedBefore = null,
        TimeProvider? time = null) =>
        working = Task.Factory.StartNew(() => Work(near, far, slots, done, failed, owedBefore, time ?? TimeProvider.System), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Returns at once.</summary>
    public void Add(string id) => waiting.Writer.TryWrite(id);

    /// <summary>Waits until everything was tried.</summary>
    public async Task FinishAsync()
    {
        waiting.Writer.TryComplete();
        await working;
    }

    /// <summary>Gives up what is not done: the near store still has it.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await FinishAsync();
        stop.Dispose();
    }

    /// <summary>False once nothing is to come any more.</summary>
    private bool Waits(bool isOwing, TimeProvider time)
    {
        coming ??= waiting.Reader.WaitToReadAsync(stop.Token).AsTask();
        try
        {
            var comes = (isOwing ? coming.WaitAsync(AgainAfter, time, stop.Token) : coming).GetAwaiter().GetResult();
            coming = null;
            return comes;
        }
        catch (TimeoutException)
        {
            // What is owed is tried again, and the same news is waited for after that.
            return true;
        }
    }

    private void Work(
        ChunkStore near, Func<ChunkStore> open, int slots, Action<FlushResult>? done, Action<string, Exception>? failed, Func<ChunkStore, IEnumerable<string>>? owedBefore, TimeProvider time)
    {
        var owed = new List<string>();
        ChunkStore? far = null;
        try
        {
            while (Waits(owed.Count > 0, time))
            {
                while (waiting.Reader.TryRead(out var id))
                {
                    owed.Add(id);
                }

                if (far is null)
                {
                    try
                    {
                        var opened = open();
                        owed.InsertRange(0, owedBefore?.Invoke(opened).Except(owed).ToList() ?? []);
                        far = opened;
                    }
                    catch (Exception away) when (away is not OperationCanceledException)
                    {
                        failed?.Invoke(owed[^1], away);
                        continue;
                    }
                }

                for (var at = owed.Count - 1; at >= 0; at--)
                {
                    try
                    {
                        using var slot = FlushSlot.Take(far, slots, stop.Token);
                        var flushed = near.Flush(owed[at], far, cancellationToken: stop.Token);
                        done?.Invoke(flushed);
                        owed.RemoveAt(at);
                    }
                    catch (NoSuchCheckpointException)
                    {
                        // Pruned before its turn came.
                        owed.RemoveAt(at);
                    }
                    catch (Exception fault) when (fault is not OperationCanceledException)
                    {
                        // Whatever it is: the next ones are flushed all the same, and this one with them.
                        failed?.Invoke(owed[at], fault);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What is owed stays in the near store.
        }
    }
}
