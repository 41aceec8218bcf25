using Orchestrator.CheckpointStore.Chunks;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>The chunks of one file while it is read, filled in by the threads that hash them, and what they find, which tells how to cut on.</summary>
internal sealed class FileChunks
{
    private readonly Lock filling = new();
    private readonly List<ChunkReference> chunks = [];
    private int metInRow, missedInRow;

    /// <summary>Chunks in a row, up to the last one hashed, that the store had.</summary>
    public int MetInRow => Volatile.Read(ref metInRow);

    /// <summary>Chunks in a row, up to the last one hashed, that the store had not.</summary>
    public int MissedInRow => Volatile.Read(ref missedInRow);

    public int Reserve(int length)
    {
        lock (filling)
        {
            chunks.Add(new(default, length));
            return chunks.Count - 1;
        }
    }

    public void Fill(int at, in ChunkHash hash, bool met)
    {
        lock (filling)
        {
            chunks[at] = chunks[at] with { Hash = hash };
            (metInRow, missedInRow) = met ? (metInRow + 1, 0) : (0, missedInRow + 1);
        }
    }

    public void ForgetMisses()
    {
        lock (filling)
        {
            missedInRow = 0;
        }
    }

    public IReadOnlyList<ChunkReference> All => chunks;
}
