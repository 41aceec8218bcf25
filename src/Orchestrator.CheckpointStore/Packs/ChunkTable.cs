using Orchestrator.CheckpointStore.Chunks;

namespace Orchestrator.CheckpointStore.Packs;

/// <summary>Where chunks are, compactly: 48 bytes for each place in an open table, so a terabyte of chunks takes about 100 MB. One thread at a time changes it.</summary>
internal sealed class ChunkTable
{
    private Slot[] slots = new Slot[256];

    public int Count { get; private set; }

    public bool TryGet(in ChunkHash hash, out ChunkPlace place)
    {
        ref var slot = ref Find(slots, hash);
        place = slot.Place;
        return slot.Place.Length > 0;
    }

    /// <summary>False when the chunk has a place already, which stays.</summary>
    public bool TryAdd(in ChunkHash hash, ChunkPlace place)
    {
        if (Count * 3 >= slots.Length * 2)
        {
            Grow();
        }

        ref var slot = ref Find(slots, hash);
        if (slot.Place.Length > 0)
        {
            return false;
        }

        slot = new() { Hash = hash, Place = place };
        Count++;
        return true;
    }

    public void Replace(in ChunkHash hash, ChunkPlace place) => Find(slots, hash).Place = place;

    public IEnumerable<(ChunkHash Hash, ChunkPlace Place)> All()
    {
        foreach (var slot in slots)
        {
            if (slot.Place.Length > 0)
            {
                yield return (slot.Hash, slot.Place);
            }
        }
    }

    private static ref Slot Find(Slot[] slots, in ChunkHash hash)
    {
        var mask = slots.Length - 1;
        var at = hash.GetHashCode() & mask;
        while (slots[at].Place.Length > 0 && slots[at].Hash != hash)
        {
            at = (at + 1) & mask;
        }

        return ref slots[at];
    }

    private void Grow()
    {
        var larger = new Slot[slots.Length * 2];
        foreach (ref var slot in slots.AsSpan())
        {
            if (slot.Place.Length > 0)
            {
                Find(larger, slot.Hash) = slot;
            }
        }

        slots = larger;
    }

    private struct Slot
    {
        public ChunkHash Hash;
        public ChunkPlace Place;
    }
}
