using System.Buffers.Binary;

namespace Orchestrator.CheckpointStore.Chunks;

/// <summary>One piece of a file, in its order: a chunk of the store, or a hole.</summary>
/// <param name="Hash">Which chunk; zeros for a hole, which has no chunk.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct ChunkReference(ChunkHash Hash, int Length)
{
    private const int Size = ChunkHash.Size + sizeof(int);

    public static byte[] Write(IReadOnlyList<ChunkReference> chunks)
    {
        var bytes = new byte[chunks.Count * Size];
        for (var at = 0; at < chunks.Count; at++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at * Size), chunks[at].Length);
            chunks[at].Hash.CopyTo(bytes.AsSpan((at * Size) + sizeof(int)));
        }

        return bytes;
    }

    /// <exception cref="InvalidDataException">These bytes are no list of chunks.</exception>
    public static ChunkReference[] Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % Size != 0)
        {
            throw new InvalidDataException("A list of chunks is cut off.");
        }

        var chunks = new ChunkReference[bytes.Length / Size];
        for (var at = 0; at < chunks.Length; at++)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[(at * Size)..]);
            chunks[at] = length > 0 ? new(new(bytes[((at * Size) + sizeof(int))..]), length) : throw new InvalidDataException("A chunk has no length.");
        }

        return chunks;
    }
}
