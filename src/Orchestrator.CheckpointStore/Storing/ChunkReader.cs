using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.CheckpointStore.Compression;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Packs;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>Reads chunks, for one thread, from a few packs that it holds open.</summary>
internal sealed class ChunkReader(IStoreFiles files) : IDisposable
{
    private const int OpenMax = 16;

    private readonly List<(string Pack, IStoreFileReader Reader)> open = [];
    private readonly ChunkDecompressor decompressor = new();
    private byte[] stored = [], chunk = [];

    /// <summary>Bytes read from packs.</summary>
    public long Bytes { get; private set; }

    /// <summary>Why the file system did not give the bytes that were asked for last; null when it did. Then whether they are right is not known.</summary>
    public IOException? Unreadable { get; private set; }

    /// <summary>The chunk, valid until the next call; empty, with a reason, when it is damaged or cannot be read, which <see cref="Unreadable"/> tells apart.</summary>
    /// <exception cref="FileNotFoundException">The pack is gone.</exception>
    public ReadOnlySpan<byte> Read(string pack, in ChunkHash hash, ChunkPlace place, out string? damage)
    {
        Grow(ref stored, PackRecord.HeaderLength + place.Stored);
        Grow(ref chunk, place.Length);
        Unreadable = null;
        try
        {
            damage = PackFile.ReadChunk(Open(pack), hash, place, stored, chunk.AsSpan(0, place.Length), decompressor);
        }
        catch (IOException failure) when (failure is not StoreException and not FileNotFoundException)
        {
            // What a server has forgotten is there again when it is opened anew.
            Unreadable = failure;
            damage = $"its pack {pack} cannot be read: {failure.Message}";
            Close(pack);
        }

        Bytes += PackRecord.HeaderLength + place.Stored;
        return damage is null ? chunk.AsSpan(0, place.Length) : default;
    }

    /// <summary>The chunk that was read last, as it is stored.</summary>
    public (PackRecord Record, ReadOnlyMemory<byte> Stored) Raw(ChunkPlace place) =>
        (PackRecord.Read(stored)!.Value, stored.AsMemory(PackRecord.HeaderLength, place.Stored));

    public void Dispose()
    {
        foreach (var (_, reader) in open)
        {
            reader.Dispose();
        }

        decompressor.Dispose();
    }

    private void Close(string pack)
    {
        foreach (var (_, reader) in open.Where(entry => entry.Pack == pack))
        {
            reader.Dispose();
        }

        open.RemoveAll(entry => entry.Pack == pack);
    }

    private IStoreFileReader Open(string pack)
    {
        for (var at = 0; at < open.Count; at++)
        {
            if (open[at].Pack == pack)
            {
                return open[at].Reader;
            }
        }

        var reader = files.Open(StoreNames.Pack(pack));
        if (open.Count == OpenMax)
        {
            open[0].Reader.Dispose();
            open.RemoveAt(0);
        }

        open.Add((pack, reader));
        return reader;
    }

    private static void Grow(ref byte[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer = GC.AllocateUninitializedArray<byte>(Math.Max(length, 2 * 1024 * 1024));
        }
    }
}
