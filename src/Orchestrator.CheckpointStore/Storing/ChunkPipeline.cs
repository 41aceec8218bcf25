using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.CheckpointStore.Compression;
using Orchestrator.CheckpointStore.Packs;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>Hashes chunks on several threads, and compresses and writes those that the store lacks.</summary>
internal sealed class ChunkPipeline : IDisposable
{
    private const int Ahead = 1024;

    private readonly StoreIndex index;
    private readonly PackWriter packs;
    private readonly CompressionChoice compression;
    private readonly BlockingCollection<Job> jobs = new(Ahead);
    private readonly CancellationTokenSource stop;
    private readonly List<Task> workers = [];
    private readonly ChunkCompressor? inline;
    private ExceptionDispatchInfo? failure;
    private long newChunks;

    public ChunkPipeline(StoreIndex index, PackWriter packs, CompressionChoice compression, int threads, CancellationToken cancellationToken)
    {
        (this.index, this.packs, this.compression) = (index, packs, compression);
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        // Refused here, before anything is read.
        using (compression.Create())
        {
        }

        if (threads == 0)
        {
            inline = new(compression);
        }

        for (var thread = 0; thread < threads; thread++)
        {
            workers.Add(Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        }
    }

    public long NewChunks => Interlocked.Read(ref newChunks);

    /// <summary>Cancelled when a thread failed.</summary>
    public CancellationToken Stopped => stop.Token;

    /// <summary>Hands a chunk over; its slab is held until it is done.</summary>
    public void Add(Slab slab, int offset, int length, FileChunks file)
    {
        slab.Hold();
        var job = new Job(slab, offset, length, file, file.Reserve(length));
        if (inline is null)
        {
            jobs.Add(job, stop.Token);
        }
        else
        {
            Process(job, inline);
        }
    }

    /// <summary>Waits until everything is written.</summary>
    public void Finish()
    {
        jobs.CompleteAdding();
        Task.WaitAll([.. workers]);
        ThrowFailure();
        stop.Token.ThrowIfCancellationRequested();
    }

    public void ThrowFailure() => failure?.Throw();

    public void Dispose()
    {
        stop.Cancel();
        jobs.CompleteAdding();
        Task.WaitAll([.. workers]);
        inline?.Dispose();
        jobs.Dispose();
        stop.Dispose();
    }

    private void Work()
    {
        try
        {
            using var compressor = new ChunkCompressor(compression);
            foreach (var job in jobs.GetConsumingEnumerable(stop.Token))
            {
                Process(job, compressor);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The reader, or another thread, tells why.
        }
        catch (Exception fault)
        {
            Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(fault), null);
            stop.Cancel();
        }
    }

    private void Process(Job job, ChunkCompressor compressor)
    {
        var chunk = job.Slab.Bytes.AsSpan(job.Offset, job.Length);

        // Nothing but zeros is a hole, here and when it is restored.
        if (chunk[0] == 0 && !chunk.ContainsAnyExcept((byte)0))
        {
            job.File.Fill(job.At, default, met: true);
            job.Slab.Release();
            return;
        }

        var hash = ChunkHash.Of(chunk);
        bool claimed;
        lock (index)
        {
            claimed = index.TryClaim(hash, job.Length);
        }

        if (claimed)
        {
            var stored = compressor.Compress(chunk, out var name);
            packs.Append(hash, job.Length, name, stored);
            Interlocked.Increment(ref newChunks);
        }

        job.File.Fill(job.At, hash, met: !claimed);
        job.Slab.Release();
    }

    private readonly record struct Job(Slab Slab, int Offset, int Length, FileChunks File, int At);
}
