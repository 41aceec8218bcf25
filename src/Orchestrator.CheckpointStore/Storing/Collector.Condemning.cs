using System.Text.Json;
using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.CheckpointStore.Leases;
using Orchestrator.CheckpointStore.Packs;

namespace Orchestrator.CheckpointStore.Storing;

/// <content>Marks what checkpoints need, and condemns the packs of the rest.</content>
internal sealed partial class Collector
{
    /// <summary>A pack with this part of garbage is worth a copy of the rest.</summary>
    private const double MuchGarbage = 0.25;

    /// <summary>The chunks of all manifests.</summary>
    private HashSet<ChunkHash> Mark()
    {
        var needed = new HashSet<ChunkHash>();
        foreach (var checkpoint in store.List())
        {
            try
            {
                var manifest = store.ReadManifest(checkpoint.Id);
                foreach (var entry in manifest.Entries)
                {
                    foreach (var chunk in manifest.ChunksOf(entry))
                    {
                        needed.Add(chunk.Hash);
                    }
                }
            }
            catch (NoSuchCheckpointException)
            {
                // Pruned since it was listed.
            }
            catch (DamagedCheckpointException damaged)
            {
                throw new StoreException($"Nothing is collected: {damaged.Message} Which chunks it needs is not known. When it is to go: `checkpoint prune --id {checkpoint.Id}`.", damaged);
            }
        }

        return needed;
    }

    private void Condemn(StoreIndex index, List<string> living, StoreLease lease, CancellationToken cancellationToken)
    {
        var needed = Mark();
        var live = new Dictionary<string, List<(ChunkHash Hash, ChunkPlace Place)>>();
        foreach (var (hash, place) in index.Lasting())
        {
            if (needed.Contains(hash))
            {
                var pack = index.Packs[place.Pack];
                if (!live.TryGetValue(pack, out var chunks))
                {
                    live.Add(pack, chunks = []);
                }

                chunks.Add((hash, place));
            }
        }

        var doomed = new List<string>();
        var last = OnlyDamaged(index, needed);
        var copy = new List<(string Pack, List<(ChunkHash Hash, ChunkPlace Place)> Chunks)>();
        foreach (var pack in index.Indexed.Order(StringComparer.Ordinal))
        {
            if (index.Condemned.Contains(pack) || BelongsTo(pack, living) || last.Contains(pack))
            {
                continue;
            }

            var length = index.Lengths[pack];
            if (!live.TryGetValue(pack, out var chunks))
            {
                doomed.Add(pack);
            }
            else if (length - chunks.Sum(chunk => chunk.Place.End - chunk.Place.Offset) - PackFile.HeadLength > length * MuchGarbage)
            {
                copy.Add((pack, chunks));
            }
        }

        doomed.AddRange(Copy(copy, lease, cancellationToken));
        if (doomed.Count > 0)
        {
            // Who opened the store up to now may not know that these packs go; who opens it from here on does.
            var name = $"{StoreNames.Index}/{lease.Id}{StoreNames.CondemnedSuffix}";
            Write(name, JsonSerializer.SerializeToUtf8Bytes(new() { Packs = doomed, WaitFor = ["?"] }, StoreJson.Default.Condemnation), lease);
            Write(name, JsonSerializer.SerializeToUtf8Bytes(new() { Packs = doomed, WaitFor = OthersThan(lease) }, StoreJson.Default.Condemnation), lease);
        }
    }

    /// <summary>Packs that hold the only bytes of a needed chunk, if damaged ones: whoever found them so may have been wrong.</summary>
    private static HashSet<string> OnlyDamaged(StoreIndex index, HashSet<ChunkHash> needed) =>
        [.. index.Noted.Where(entry => needed.Contains(entry.Hash) && !index.TryGetLasting(entry.Hash, out _)).Select(entry => index.Packs[entry.Place.Pack])];
}
