using System.Text.Json;
using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Leases;
using Orchestrator.CheckpointStore.Packs;

namespace Orchestrator.CheckpointStore.Storing;

/// <content>What may have got lost or been judged too early: packs that no segment names, and places that somebody found damaged.</content>
internal sealed partial class Collector
{
    /// <summary>Gives packs of ended processes that no segment names one: their chunks may be needed, if it was the segment that got lost.</summary>
    private bool Rebuild(StoreIndex index, HashSet<string> packsBefore, List<string> living, StoreLease lease, CancellationToken cancellationToken)
    {
        var lost = index.Unindexed.Where(pack => packsBefore.Contains(pack + StoreNames.PackSuffix) && !BelongsTo(pack, living)).Order(StringComparer.Ordinal).ToList();
        if (lost.Count > 0)
        {
            var entries = new List<(ChunkHash, ChunkPlace)>();
            var (taken, notes) = (new HashSet<ChunkHash>(), new List<DamageNote>());
            using var proof = new ChunkReader(files);
            for (var number = 0; number < lost.Count; number++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                AddWhole(index, lost[number], number, proof, taken, entries, notes);
            }

            files.SyncFolder(StoreNames.Packs);
            DamageLog.Note(store, notes);
            if (!TryWriteSegment(lease, "rebuilt", lost, entries))
            {
                // On a full disk they stay as they are, found by their headers; what is garbage for sure goes first.
                return false;
            }

            rebuilt = lost.Count;
        }

        // Their packs have been named again above, so nothing is lost with them.
        foreach (var segment in index.DamagedSegments)
        {
            files.Delete($"{StoreNames.Index}/{segment}");
        }

        return lost.Count > 0;
    }

    /// <summary>
    /// Whoever wrote this pack may have died with half of it on its way: what has a place that was committed stays there, and the rest is read, proven and made durable before
    /// anything may refer to it.
    /// </summary>
    private void AddWhole(StoreIndex index, string pack, int number, ChunkReader proof, HashSet<ChunkHash> taken, List<(ChunkHash Hash, ChunkPlace Place)> entries, List<DamageNote> notes)
    {
        if (!files.Exists(StoreNames.Pack(pack)))
        {
            // Its writer took it back.
            return;
        }

        List<(PackRecord Record, uint Offset)> found;
        using (var reader = files.Open(StoreNames.Pack(pack)))
        {
            found = PackFile.Scan(reader);
        }

        foreach (var (record, offset) in found)
        {
            var place = new ChunkPlace(number, offset, record.Stored, record.Length);
            if (index.TryGetLasting(record.Hash, out _) || taken.Contains(record.Hash))
            {
                continue;
            }

            _ = proof.Read(pack, record.Hash, place, out var damage);
            if (damage is null)
            {
                taken.Add(record.Hash);
            }
            else if (proof.Unreadable is null)
            {
                // Named all the same, so that its bytes stay as long as a checkpoint needs them and has no others.
                notes.Add(DamageNote.Of(pack, place, record.Hash));
            }

            entries.Add((record.Hash, place));
        }

        files.Sync(StoreNames.Pack(pack));
    }

    /// <summary>Reads noted places again, and takes back the notes of those that are right: one bad reader does not condemn the bytes of all.</summary>
    private bool ProveNoted(StoreIndex index, StoreLease lease, CancellationToken cancellationToken)
    {
        var right = new HashSet<(string Pack, uint Offset)>();
        using var reader = new ChunkReader(files);
        foreach (var (hash, place) in index.Noted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var pack = index.Packs[place.Pack];
            _ = reader.Read(pack, hash, place, out var damage);
            if (damage is null)
            {
                right.Add((pack, place.Offset));
            }
        }

        if (right.Count == 0)
        {
            return false;
        }

        foreach (var (name, notes) in index.DamageFiles)
        {
            var rest = notes.Where(note => !right.Contains((note.Pack, note.Offset))).ToList();
            if (rest.Count == 0)
            {
                files.Delete($"{StoreNames.Index}/{name}");
            }
            else if (rest.Count < notes.Count)
            {
                files.WriteWhole($"{StoreNames.Index}/{name}", JsonSerializer.SerializeToUtf8Bytes(rest, StoreJson.Default.IReadOnlyListDamageNote), lease.Id);
            }
        }

        return true;
    }
}
