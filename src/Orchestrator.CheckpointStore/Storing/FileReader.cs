using Microsoft.Win32.SafeHandles;
using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.CheckpointStore.Files;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>Reads files in large pieces and cuts them. Small files share a buffer.</summary>
internal sealed class FileReader(ChunkPipeline pipeline, SlabPool slabs, Action<int> read) : IDisposable
{
    private const int ReadLength = 4 * 1024 * 1024;
    private const int BlockLength = 1024 * 1024;
    private const int HoleLengthMax = 1 << 30;

    /// <summary>So many chunks in a row that were not met where the version before was cut: then it is no longer the same file.</summary>
    private const int MissesOfPrevious = 8;

    /// <summary>So many chunks in a row that cutting by content did not meet: the file was rewritten as a whole.</summary>
    private const int MissesOfContent = 24;

    private Slab? slab;
    private int used;

    public void Dispose() => slab?.Release();

    /// <summary>Reads a whole file.</summary>
    /// <param name="handle">Open for reading.</param>
    /// <param name="facts">What the file system said before.</param>
    /// <param name="chunks">Where the chunks go.</param>
    /// <param name="wish">How to cut.</param>
    /// <param name="previous">The chunks of the version before; empty when there is none.</param>
    /// <returns>How it was cut, most of all.</returns>
    public Chunking Read(SafeFileHandle handle, FileFacts facts, FileChunks chunks, Chunking wish, IReadOnlyList<ChunkReference> previous)
    {
        var cutter = new Cutter(chunks, wish, previous);
        var sparse = facts.Allocated < facts.Size;
        for (long at = 0; at < facts.Size;)
        {
            var data = sparse ? Native.NextData(handle, at, facts.Size) : at;
            for (; at < data; at += Math.Min(HoleLengthMax, data - at))
            {
                // Nothing is read or hashed for a hole.
                var length = (int)Math.Min(HoleLengthMax, data - at);
                chunks.Reserve(length);
                cutter.Advance(length);
            }

            var end = sparse ? Native.NextHole(handle, at, facts.Size) : facts.Size;
            if (end > at)
            {
                ReadData(handle, at, end, chunks, cutter);
            }

            at = end;
        }

        return cutter.Chunking;
    }

    private void ReadData(SafeFileHandle handle, long at, long end, FileChunks chunks, Cutter cutter)
    {
        slab ??= slabs.Take(pipeline.Stopped);
        var start = used;
        while (true)
        {
            var wanted = (int)Math.Min(ReadLength, end - at);
            if (slab.Bytes.Length - used < Math.Min(wanted, BlockLength))
            {
                var next = slabs.Take(pipeline.Stopped);
                slab.Bytes.AsSpan(start, used - start).CopyTo(next.Bytes);
                slab.Release();
                (slab, used, start) = (next, used - start, 0);
            }

            var count = RandomAccess.Read(handle, slab.Bytes.AsSpan(used, Math.Min(wanted, slab.Bytes.Length - used)), at);
            if (count == 0)
            {
                throw new StoreException("it became shorter while it was read");
            }

            at += count;
            used += count;
            read(count);
            var last = at == end;
            while (used > start && cutter.Cut(slab.Bytes.AsSpan(start, used - start), last) is > 0 and var length)
            {
                pipeline.Add(slab, start, length, chunks);
                start += length;
            }

            if (last)
            {
                return;
            }
        }
    }

    /// <summary>Decides where a file is cut, from what its chunks so far met in the store.</summary>
    private sealed class Cutter
    {
        private readonly FileChunks chunks;
        private readonly IReadOnlyList<ChunkReference> previous;
        private readonly bool measured;
        private int next;
        private long position, boundary;

        public Cutter(FileChunks chunks, Chunking wish, IReadOnlyList<ChunkReference> previous)
        {
            (this.chunks, this.previous) = (chunks, previous);
            measured = wish == Chunking.Automatic;
            Chunking = wish switch
            {
                Chunking.Automatic or Chunking.Previous when previous.Count > 0 => Chunking.Previous,
                Chunking.Fixed => Chunking.Fixed,
                _ => Chunking.Content,
            };
        }

        public Chunking Chunking { get; private set; }

        public void Advance(int length)
        {
            position += length;
            while (next < previous.Count && boundary < position)
            {
                boundary += previous[next++].Length;
            }
        }

        public int Cut(ReadOnlySpan<byte> data, bool last)
        {
            if (measured && Chunking == Chunking.Previous && chunks.MissedInRow >= MissesOfPrevious)
            {
                Chunking = Chunking.Content;
                chunks.ForgetMisses();
            }
            else if (measured && Chunking == Chunking.Content && previous.Count > 0 && chunks.MissedInRow >= MissesOfContent)
            {
                Chunking = Chunking.Fixed;
            }

            var length = Chunking switch
            {
                Chunking.Fixed => Whole(data, BlockLength, last),
                Chunking.Previous when next < previous.Count && boundary == position && previous[next].Length <= ContentChunker.Most => Whole(data, previous[next].Length, last),
                _ => ContentChunker.Cut(data, last),
            };
            if (length > 0)
            {
                Advance(length);
            }

            return length;
        }

        private static int Whole(ReadOnlySpan<byte> data, int length, bool last) => data.Length >= length ? length : last ? data.Length : 0;
    }
}
