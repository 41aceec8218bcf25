namespace Orchestrator.CheckpointStore.Packs;

/// <summary>Where a chunk is.</summary>
/// <param name="Pack">The number of the pack in the index; -1 while it is being written.</param>
/// <param name="Offset">Where its header begins.</param>
/// <param name="Stored">Bytes behind the header.</param>
/// <param name="Length">Bytes of the chunk.</param>
internal readonly record struct ChunkPlace(int Pack, uint Offset, int Stored, int Length)
{
    public long End => (long)Offset + PackRecord.HeaderLength + Stored;
}
