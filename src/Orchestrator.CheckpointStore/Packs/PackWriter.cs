using System.Globalization;
using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.CheckpointStore.Files;

namespace Orchestrator.CheckpointStore.Packs;

/// <summary>
/// Appends chunks to new packs, from several threads. Packs are named after the lease under which they are written, so that collection leaves them alone as long as it lives.
/// </summary>
internal sealed class PackWriter(IStoreFiles files, string lease, bool overlap, Action<long>? reserve) : IDisposable
{
    private const int BufferLength = 256 * 1024;
    private const long WriteOutLength = 16 * 1024 * 1024;

    private readonly Lock writing = new();
    private readonly byte[] buffer = new byte[BufferLength];
    private readonly List<Task> closing = [];
    private IStoreFileWriter? current;
    private int buffered;
    private long length, writeOut;

    /// <summary>The names of the packs so far.</summary>
    public List<string> Packs { get; } = [];

    /// <summary>What was written, for the index; the number of a pack counts in <see cref="Packs"/>.</summary>
    public List<(ChunkHash Hash, ChunkPlace Place)> Written { get; } = [];

    public long Bytes { get; private set; }

    public ChunkPlace Append(in ChunkHash hash, int chunkLength, string compression, ReadOnlySpan<byte> stored)
    {
        lock (writing)
        {
            var needed = PackRecord.HeaderLength + stored.Length;
            reserve?.Invoke(Bytes + needed);
            if (current is null)
            {
                Begin();
            }

            var place = new ChunkPlace(Packs.Count - 1, (uint)length, stored.Length, chunkLength);
            if (buffered + needed > BufferLength)
            {
                Flush();
            }

            new PackRecord(hash, chunkLength, stored.Length, compression).Write(buffer.AsSpan(buffered));
            buffered += PackRecord.HeaderLength;
            if (needed > BufferLength / 4)
            {
                Flush();
                current!.Write(stored);
            }
            else
            {
                stored.CopyTo(buffer.AsSpan(buffered));
                buffered += stored.Length;
            }

            length += needed;
            Bytes += needed;
            Written.Add((hash, place));
            if (length - writeOut >= WriteOutLength)
            {
                current!.StartWriteOut();
                writeOut = length;
            }

            if (length >= PackFile.FullLength)
            {
                End();
            }

            return place;
        }
    }

    /// <summary>Makes all packs durable, and their names.</summary>
    public void Finish()
    {
        lock (writing)
        {
            End();
        }

        Closed();
        if (Packs.Count > 0)
        {
            files.SyncFolder(StoreNames.Packs);
        }
    }

    /// <summary>Takes everything back.</summary>
    public void Abandon()
    {
        Dispose();
        foreach (var pack in Packs)
        {
            files.Delete(StoreNames.Pack(pack));
        }
    }

    public void Dispose()
    {
        current?.Dispose();
        current = null;
        try
        {
            Task.WaitAll([.. closing]);
        }
        catch (AggregateException)
        {
            // Who disposes without having finished has a failure of its own to tell.
        }

        closing.Clear();
    }

    /// <summary>Waits, and throws what the disk said as it is: whoever reads the failure looks at its kind and number.</summary>
    private void Closed()
    {
        foreach (var task in closing)
        {
            task.GetAwaiter().GetResult();
        }

        closing.Clear();
    }

    private void Begin()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{lease}-{Packs.Count:D5}");
        current = files.Create(StoreNames.Pack(name));
        Packs.Add(name);
        PackFile.WriteHead(buffer);
        (buffered, length, writeOut) = (PackFile.HeadLength, PackFile.HeadLength, 0);
        Bytes += PackFile.HeadLength;
    }

    private void Flush()
    {
        if (buffered > 0)
        {
            current!.Write(buffer.AsSpan(0, buffered));
            buffered = 0;
        }
    }

    private void End()
    {
        if (current is not { } ended)
        {
            return;
        }

        Flush();
        current = null;
        if (!overlap)
        {
            using (ended)
            {
                ended.Sync();
            }

            return;
        }

        // One on its way to the disk while the next is filled; more would only queue there.
        Closed();
        closing.Add(Task.Factory.StartNew(
            () =>
            {
                using (ended)
                {
                    ended.Sync();
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
    }
}
