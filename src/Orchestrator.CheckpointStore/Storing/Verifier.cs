using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.CheckpointStore.Leases;
using Orchestrator.CheckpointStore.Manifests;
using Orchestrator.CheckpointStore.Packs;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>Reads every chunk that checkpoints need, once, in the order of the packs.</summary>
internal sealed class Verifier(ChunkStore store, string? only, IProgress<StoreProgress>? progress)
{
    private readonly Dictionary<string, string> damaged = [];
    private readonly List<string> findings = [];

    public VerifyResult Run(CancellationToken cancellationToken)
    {
        using var lease = StoreLease.TakeToRead(store.Files, store.Options, only);
        var index = StoreIndex.Load(store.Files);
        FindForeign(index);
        var manifests = new List<Manifest>();
        foreach (var id in only is null ? store.List().Select(checkpoint => checkpoint.Id) : [only])
        {
            try
            {
                manifests.Add(store.ReadManifest(id));
            }
            catch (NoSuchCheckpointException) when (only is null)
            {
                // Pruned since it was listed.
            }
            catch (StoreException broken) when (broken is DamagedCheckpointException or UnreadableCheckpointException)
            {
                damaged.Add(id, broken.Message);
            }
        }

        var needed = Needed(manifests);
        var (bad, chunks, read) = Prove(index, needed, cancellationToken);
        foreach (var manifest in manifests)
        {
            if (Explain(manifest, bad) is { } damage)
            {
                damaged[manifest.Checkpoint.Id] = damage;
            }
        }

        return new()
        {
            Intact = [.. manifests.Select(manifest => manifest.Checkpoint.Id).Where(id => !damaged.ContainsKey(id))],
            Damaged = damaged,
            Findings = findings,
            Read = read,
            Chunks = chunks,
        };
    }

    private HashSet<ChunkHash> Needed(List<Manifest> manifests)
    {
        var needed = new HashSet<ChunkHash>();
        foreach (var manifest in manifests)
        {
            try
            {
                foreach (var entry in manifest.Entries)
                {
                    needed.UnionWith(manifest.ChunksOf(entry).Where(chunk => !chunk.Hash.IsHole).Select(chunk => chunk.Hash));
                }
            }
            catch (DamagedCheckpointException broken)
            {
                damaged[manifest.Checkpoint.Id] = broken.Message;
            }
        }

        return needed;
    }

    /// <summary>Chunks that are in no place whole, each with the reason.</summary>
    private (Dictionary<ChunkHash, string> Bad, long Chunks, long Read) Prove(StoreIndex index, HashSet<ChunkHash> needed, CancellationToken cancellationToken)
    {
        var bad = new Dictionary<ChunkHash, string>();
        var chunks = 0L;
        using var reader = new ChunkReader(store.Files);
        for (var round = 0; round < 4 && needed.Count > 0; round++)
        {
            var places = new List<(ChunkHash Hash, ChunkPlace Place)>();
            foreach (var hash in needed)
            {
                if (index.TryGetReadable(hash, out var place))
                {
                    places.Add((hash, place));
                }
                else
                {
                    bad.TryAdd(hash, "the store does not have it");
                }
            }

            var (again, notes) = (new HashSet<ChunkHash>(), new List<DamageNote>());
            foreach (var (hash, place) in places.OrderBy(chunk => index.Packs[chunk.Place.Pack], StringComparer.Ordinal).ThenBy(chunk => chunk.Place.Offset))
            {
                cancellationToken.ThrowIfCancellationRequested();
                string? damage;
                try
                {
                    _ = reader.Read(index.Packs[place.Pack], hash, place, out damage);
                }
                catch (FileNotFoundException)
                {
                    // A collection has moved it, or it is lost: the index of the next round tells.
                    again.Add(hash);
                    bad[hash] = $"its pack {index.Packs[place.Pack]} is missing";
                    continue;
                }

                if (damage is null)
                {
                    chunks++;
                    bad.Remove(hash);
                    progress?.Report(new(reader.Bytes, 0, chunks));
                }
                else
                {
                    findings.Add($"pack {index.Packs[place.Pack]}: the chunk at {place.Offset} is damaged: {damage}");
                    bad[hash] = damage;
                    again.Add(hash);
                    if (reader.Unreadable is not null)
                    {
                        continue;
                    }

                    notes.Add(DamageNote.Of(index.Packs[place.Pack], place, hash));
                }
            }

            // Another place may have it whole.
            DamageLog.Note(store, notes);
            needed = again;
            index = StoreIndex.Load(store.Files);
        }

        return (bad, chunks, reader.Bytes);
    }

    private static string? Explain(Manifest manifest, Dictionary<ChunkHash, string> bad)
    {
        foreach (var entry in manifest.Entries)
        {
            var offset = 0L;
            ChunkReference[] chunks;
            try
            {
                chunks = manifest.ChunksOf(entry);
            }
            catch (DamagedCheckpointException broken)
            {
                return broken.Message;
            }

            foreach (var chunk in chunks)
            {
                if (!chunk.Hash.IsHole && bad.TryGetValue(chunk.Hash, out var reason))
                {
                    return $"{entry.Path} lacks {chunk.Length} bytes at {offset}: {reason}.";
                }

                offset += chunk.Length;
            }
        }

        return null;
    }

    private void FindForeign(StoreIndex index)
    {
        foreach (var segment in index.DamagedSegments)
        {
            findings.Add($"index file {segment} is damaged; `checkpoint prune` makes it again from the packs");
        }

        foreach (var file in index.DamagedCondemnations.Concat(index.DamagedNotes))
        {
            findings.Add($"index file {file} is damaged; it only serves collection: when no other process uses the store, it can be deleted");
        }

        foreach (var pack in index.Broken)
        {
            findings.Add(index.Lengths.ContainsKey(pack) ? $"pack {pack} is cut off" : $"pack {pack} is missing");
        }

        (string Folder, string[] Suffixes)[] known =
        [
            (StoreNames.Packs, [StoreNames.PackSuffix]),
            (StoreNames.Index, [StoreNames.IndexSuffix, StoreNames.DamagedSuffix, StoreNames.CondemnedSuffix]),
            (StoreNames.Checkpoints, [StoreNames.ManifestSuffix, StoreNames.PinnedSuffix, StoreNames.ProvenSuffix]),
        ];
        foreach (var (folder, suffixes) in known)
        {
            foreach (var file in store.Files.List(folder))
            {
                var mine = suffixes.Any(suffix => file.Name.EndsWith(suffix, StringComparison.Ordinal)) || file.Name.Contains(StoreNames.TemporaryInfix, StringComparison.Ordinal);
                if (!mine || (folder == StoreNames.Checkpoints && file.Name.EndsWith(StoreNames.ManifestSuffix, StringComparison.Ordinal)
                    && !CheckpointId.TryParse(file.Name[..^StoreNames.ManifestSuffix.Length], out _, out _)))
                {
                    findings.Add($"{folder}/{file.Name} is no file of the store; it is left alone");
                }
            }
        }
    }
}
