using System.Globalization;
using System.Text.Json;
using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Leases;
using Orchestrator.CheckpointStore.Packs;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>
/// Gives space back in two phases. First the chunks that manifests need are marked; packs with none of them, or with much garbage once what is needed was copied elsewhere, are
/// condemned: whoever opens the store from then on refers to nothing in them. Later, when everybody is gone who had opened it before, the marks are taken again; condemned packs
/// that are needed after all are pardoned, the others go: index first, then the pack, then the condemnation.
/// </summary>
internal sealed class Collector(ChunkStore store)
{
    /// <summary>A pack with this part of garbage is worth a copy of the rest.</summary>
    private const double MuchGarbage = 0.25;

    /// <summary>So many index files are put into one.</summary>
    private const int ManySegments = 16;

    /// <summary>After so many copied bytes the packs they came from are let go: a collection that is interrupted has got on.</summary>
    private const long CopiedAtOnce = 1L << 30;

    /// <summary>Longer than network file systems show what has changed since.</summary>
    private static readonly TimeSpan ShownAfter = TimeSpan.FromMinutes(2);

    private readonly IStoreFiles files = store.Files;
    private readonly StoreOptions options = store.Options;
    private long freed, copied, rebuilt, damagedChunks;

    public CollectResult Run(CancellationToken cancellationToken)
    {
        using var lease = StoreLease.TryTakeOnly(files, options, LeaseKind.Collect, "collect")
            ?? throw new StoreBusyException($"Another process collects in {files.Description} at present.");

        // The packs are listed before the leases: one whose writer has ended by then is in the index, if it ever will be.
        var packsBefore = files.List(StoreNames.Packs).Select(file => file.Name).ToHashSet(StringComparer.Ordinal);
        var living = OthersThan(lease);
        RemoveTemporary(living, lease);
        var index = LoadWhole();
        if (Rebuild(index, packsBefore, living, lease, cancellationToken))
        {
            index = StoreIndex.Load(files);
        }

        if (ProveNoted(index, lease, cancellationToken))
        {
            index = StoreIndex.Load(files);
        }

        cancellationToken.ThrowIfCancellationRequested();
        Condemn(index, living, lease, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        var (waiting, waitFor) = Execute(lease);
        StoreReserve.Ensure(files, lease.Id);
        return new() { Freed = freed, Copied = copied, Waiting = waiting, WaitFor = waitFor, Rebuilt = rebuilt, Damaged = damagedChunks };
    }

    private StoreIndex LoadWhole()
    {
        var index = StoreIndex.Load(files);
        return index.DamagedCondemnations.Count == 0 ? index : throw new StoreException(
            $"Nothing is collected: {files.Description}/{StoreNames.Index}/{index.DamagedCondemnations[0]} is damaged. It only serves collection; when no other process uses the store, it can be deleted.");
    }

    private List<string> OthersThan(StoreLease lease) =>
        [.. StoreLease.Living(files, options).Where(living => living.FileName != lease.FileName).Select(living => living.Record.Id)];

    private static bool BelongsTo(string name, IEnumerable<string> leases) => leases.Any(lease => name.Contains(lease, StringComparison.Ordinal));

    /// <summary>Half written files of processes that are gone.</summary>
    private void RemoveTemporary(List<string> living, StoreLease lease)
    {
        foreach (var folder in (string[])[StoreNames.Index, StoreNames.Checkpoints])
        {
            foreach (var file in files.List(folder).Where(file => file.Name.Contains(StoreNames.TemporaryInfix, StringComparison.Ordinal)))
            {
                if (!BelongsTo(file.Name, living.Append(lease.Id)))
                {
                    files.Delete($"{folder}/{file.Name}");
                }
            }
        }

        foreach (var mark in files.List(StoreNames.Checkpoints).Select(file => file.Name))
        {
            // Marks of checkpoints that were pruned between both deletions.
            foreach (var suffix in (string[])[StoreNames.PinnedSuffix, StoreNames.ProvenSuffix])
            {
                if (mark.EndsWith(suffix, StringComparison.Ordinal) && !store.Contains(mark[..^suffix.Length]))
                {
                    files.Delete($"{StoreNames.Checkpoints}/{mark}");
                }
            }
        }

        foreach (var file in files.List(StoreNames.Leases).Where(file => file.Name.EndsWith(".probe", StringComparison.Ordinal) || file.Name.Contains(StoreNames.DeadSuffix, StringComparison.Ordinal)))
        {
            files.Delete($"{StoreNames.Leases}/{file.Name}");
        }
    }

    /// <summary>Somebody else may collect by now, by other choices.</summary>
    private void ThrowIfLost(StoreLease lease)
    {
        if (lease.IsLost)
        {
            throw new StoreBusyException($"This process did not answer for long, and another one collects in {files.Description} now.");
        }
    }

    /// <summary>Writes what collection has to write before it may delete anything. On a full disk the reserve of the store makes room for it.</summary>
    private void Write(string name, ReadOnlySpan<byte> bytes, StoreLease lease)
    {
        ThrowIfLost(lease);
        try
        {
            files.WriteWhole(name, bytes, lease.Id);
        }
        catch (IOException full) when (StoreFullException.Means(full))
        {
            files.Delete($"{name}{StoreNames.TemporaryInfix}{lease.Id}");
            if (!StoreReserve.GiveUp(files))
            {
                throw;
            }

            files.WriteWhole(name, bytes, lease.Id);
        }
    }

    /// <summary>False when the disk is too full even so.</summary>
    private bool TryWriteSegment(StoreLease lease, string what, IReadOnlyList<string> packs, IReadOnlyList<(ChunkHash, ChunkPlace)> entries)
    {
        var name = $"{StoreNames.Index}/{lease.Id}-{what}{StoreNames.IndexSuffix}";
        try
        {
            Write(name, new IndexSegment { Packs = packs, Entries = entries }.Write(), lease);
            return true;
        }
        catch (IOException full) when (StoreFullException.Means(full))
        {
            files.Delete($"{name}{StoreNames.TemporaryInfix}{lease.Id}");
            return false;
        }
    }

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

    /// <summary>Copies needed chunks into new packs, durably and with their index, a part after the other until the disk is full or nobody wants it any more; the packs that are garbage now.</summary>
    private List<string> Copy(List<(string Pack, List<(ChunkHash Hash, ChunkPlace Place)> Chunks)> from, StoreLease lease, CancellationToken cancellationToken)
    {
        var free = new List<string>();
        for (var (at, part) = (0, 0); at < from.Count; part++)
        {
            var bytes = 0L;
            var some = from.Skip(at).TakeWhile((pack, number) => number == 0 || (bytes += pack.Chunks.Sum(chunk => (long)chunk.Place.Stored)) < CopiedAtOnce).ToList();
            at += some.Count;
            try
            {
                free.AddRange(CopySome(some, part, lease, cancellationToken));
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // What was copied before is let go all the same.
                break;
            }
            catch (IOException full) when (StoreFullException.Means(full))
            {
                // There is no room for a copy; what is garbage as a whole goes all the same, and makes some for the next time.
                break;
            }
        }

        return free;
    }

    private List<string> CopySome(List<(string Pack, List<(ChunkHash Hash, ChunkPlace Place)> Chunks)> from, int part, StoreLease lease, CancellationToken cancellationToken)
    {
        var free = new List<string>();
        using var writer = new PackWriter(files, string.Create(CultureInfo.InvariantCulture, $"{lease.Id}-{part}"), overlap: false, reserve: null);
        using var reader = new ChunkReader(files);
        var notes = new List<DamageNote>();
        try
        {
            foreach (var (pack, chunks) in from)
            {
                var whole = true;
                foreach (var (hash, place) in chunks.OrderBy(chunk => chunk.Place.Offset))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    _ = reader.Read(pack, hash, place, out var damage);
                    if (damage is not null)
                    {
                        // Damaged bytes may yet be of use to a person, and those that cannot be read now may be right: their pack stays.
                        if (reader.Unreadable is null)
                        {
                            notes.Add(DamageNote.Of(pack, place, hash));
                        }

                        (whole, damagedChunks) = (false, damagedChunks + 1);
                        continue;
                    }

                    var (record, bytes) = reader.Raw(place);
                    writer.Append(hash, record.Length, record.Compression, bytes.Span);
                }

                if (whole)
                {
                    free.Add(pack);
                }
            }

            writer.Finish();
            if (!TryWriteSegment(lease, string.Create(CultureInfo.InvariantCulture, $"copied-{part}"), writer.Packs, writer.Written))
            {
                writer.Abandon();
                return [];
            }
        }
        catch
        {
            writer.Abandon();
            throw;
        }

        copied += writer.Bytes;
        DamageLog.Note(store, notes);
        return free;
    }

    /// <summary>Deletes what is condemned, for which nobody has to be waited any more.</summary>
    private (long Waiting, IReadOnlyList<string> WaitFor) Execute(StoreLease lease)
    {
        var index = LoadWhole();
        var living = OthersThan(lease);
        var (waitFor, waiting) = (new HashSet<string>(), new HashSet<string>());
        var due = new List<string>();
        var now = files.ShowsLate && index.Condemnations.Count > 0 ? StoreLease.Now(files, options) : null;
        foreach (var (name, condemnation) in index.Condemnations)
        {
            if (files.ShowsLate && (now is null || now - index.CondemnedAt[name] < ShownAfter))
            {
                // Somebody on another node may use the store and not be shown yet, or not have been shown this.
                waiting.UnionWith(condemnation.Packs);
                continue;
            }

            // A crash between both writings leaves the question mark: everybody who lives now is waited for.
            var unknown = condemnation.WaitFor.Contains("?");
            var others = unknown ? living : [.. condemnation.WaitFor.Intersect(living)];
            if (unknown && others.Count > 0)
            {
                Write($"{StoreNames.Index}/{name}", JsonSerializer.SerializeToUtf8Bytes(condemnation with { WaitFor = others }, StoreJson.Default.Condemnation), lease);
            }

            if (others.Count > 0)
            {
                waitFor.UnionWith(others);
                waiting.UnionWith(condemnation.Packs);
            }
            else
            {
                due.Add(name);
            }
        }

        // On a full disk packs may have gone that are still named.
        if (due.Count > 0 || index.Segments.Count >= ManySegments || index.Broken.Any(pack => !index.Lengths.ContainsKey(pack)))
        {
            Delete(index, due, waiting, lease);
        }

        return (waiting.Sum(pack => index.Lengths.GetValueOrDefault(pack)), [.. waitFor]);
    }

    private void Delete(StoreIndex index, List<string> due, HashSet<string> waiting, StoreLease lease)
    {
        // Who was waited for may have committed since: marked again, now that nobody is left who could refer to these packs.
        var needed = Mark();
        var lasting = index.Lasting().Select(entry => entry.Hash).ToHashSet();
        var doomed = due.SelectMany(name => index.Condemnations[name].Packs).Where(pack => !waiting.Contains(pack)).ToHashSet();
        var pardoned = index.Readable()
            .Where(entry => needed.Contains(entry.Hash) && !lasting.Contains(entry.Hash))
            .Select(entry => index.Packs[entry.Place.Pack]).Where(doomed.Contains).ToHashSet();
        pardoned.UnionWith(OnlyDamaged(index, needed));
        doomed.ExceptWith(pardoned);

        var kept = index.Indexed.Where(pack => !doomed.Contains(pack)).Order(StringComparer.Ordinal).ToList();
        var numbers = kept.Select((pack, number) => (pack, number)).ToDictionary(pair => pair.pack, pair => pair.number);
        var entries = index.Readable().Concat(index.Noted).Where(entry => numbers.ContainsKey(index.Packs[entry.Place.Pack]))
            .Select(entry => (entry.Hash, entry.Place with { Pack = numbers[index.Packs[entry.Place.Pack]] })).ToList();
        ThrowIfLost(lease);
        if (kept.Count == 0 || TryWriteSegment(lease, "merged", kept, entries))
        {
            foreach (var segment in index.Segments)
            {
                files.Delete($"{StoreNames.Index}/{segment}");
            }

            files.SyncFolder(StoreNames.Index);
        }

        foreach (var pack in doomed)
        {
            freed += index.Lengths.GetValueOrDefault(pack);
            files.Delete(StoreNames.Pack(pack));
        }

        files.SyncFolder(StoreNames.Packs);
        foreach (var name in due)
        {
            files.Delete($"{StoreNames.Index}/{name}");
        }

        foreach (var (name, notes) in index.DamageFiles)
        {
            if (notes.All(note => doomed.Contains(note.Pack) || !index.Lengths.ContainsKey(note.Pack)))
            {
                files.Delete($"{StoreNames.Index}/{name}");
            }
        }

        files.SyncFolder(StoreNames.Index);
    }
}
