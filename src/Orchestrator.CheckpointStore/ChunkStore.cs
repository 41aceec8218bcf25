using System.Text.Json;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Manifests;
using Orchestrator.CheckpointStore.Storing;
using Orchestrator.Core.Checkpoints;

namespace Orchestrator.CheckpointStore;

/// <summary>
/// Checkpoints as manifests over chunks that all of them share. Any number of processes on any number of nodes may write, restore, verify, prune and collect at once. A checkpoint
/// exists from the moment its manifest has its name, and everything in it was durable before.
/// </summary>
/// <remarks>
/// <c>packs/</c> chunks; <c>index/</c> where they are, which can be made again from the packs; <c>checkpoints/</c> manifests, and marks beside them; <c>leases/</c> who uses
/// the store. All methods block, and say so by being synchronous: whoever has something else to do calls them on a thread of their own.
/// </remarks>
public sealed class ChunkStore
{
    private const int LongestFirstLine = 64 * 1024;

    private ChunkStore(IStoreFiles files, StoreOptions options) => (Files, Options) = (files, options);

    internal IStoreFiles Files { get; }

    internal StoreOptions Options { get; }

    /// <summary>Opens a store; with <paramref name="create"/>, makes one where nothing is yet.</summary>
    /// <exception cref="NoSuchCheckpointException">There is no store.</exception>
    /// <exception cref="StoreException">Something else is there, or a later version wrote it.</exception>
    public static ChunkStore Open(IStoreFiles files, StoreOptions? options = null, bool create = false)
    {
        options ??= new();
        if (!files.Exists(StoreNames.Description))
        {
            var others = files.List("").Where(file => !file.Name.StartsWith(StoreNames.Description, StringComparison.Ordinal)).ToList();
            if (!create)
            {
                throw new NoSuchCheckpointException($"{files.Description} is no checkpoint store: it has no {StoreNames.Description}.");
            }

            if (others.Count > 0)
            {
                throw new StoreException($"{files.Description} is no checkpoint store, and not empty: it holds {others[0].Name}. Name another directory for the store.");
            }

            files.EnsureFolder("");
            var description = new StoreDescription { Format = StoreDescription.OurFormat, Version = StoreDescription.CurrentVersion };
            files.WriteWhole(StoreNames.Description, JsonSerializer.SerializeToUtf8Bytes(description, StoreJson.Default.StoreDescription), options.NewSuffix());
        }

        try
        {
            var found = JsonSerializer.Deserialize(files.ReadWhole(StoreNames.Description), StoreJson.Default.StoreDescription)!;
            if (found.Format != StoreDescription.OurFormat || found.Version != StoreDescription.CurrentVersion)
            {
                throw new StoreException(
                    $"{files.Description} is a '{found.Format}' of version {found.Version}; this program knows '{StoreDescription.OurFormat}' of version {StoreDescription.CurrentVersion}.");
            }
        }
        catch (JsonException damaged)
        {
            throw new StoreException($"{files.Description}/{StoreNames.Description} is damaged: {damaged.Message} When the rest is a checkpoint store, delete it and store a checkpoint: it is written again.", damaged);
        }

        if (create)
        {
            foreach (var folder in (string[])[StoreNames.Packs, StoreNames.Index, StoreNames.Checkpoints, StoreNames.Leases])
            {
                files.EnsureFolder(folder);
            }

            StoreReserve.Ensure(files, options.NewSuffix());
        }

        return new(files, options);
    }

    /// <summary>Stores a checkpoint and makes it durable. When there is no room: what <see cref="PutRequest.MakeRoom"/> gives up, then smaller kinds, then a refusal.</summary>
    /// <exception cref="StoreFullException">There is no room, and none could be made.</exception>
    /// <exception cref="StoreException">Wrong input, or something changed while it was read.</exception>
    public PutResult Put(PutRequest request, CancellationToken cancellationToken = default)
    {
        CheckpointId.RequireName(request.Name);
        var pruned = new List<string>();
        var kinds = new Queue<CheckpointKind>(request.Smaller);
        var (collected, asked, waits) = (false, false, false);
        for (var current = request; ; )
        {
            try
            {
                return new PutOperation(this, current).Run(cancellationToken) with { Pruned = pruned };
            }
            catch (StoreFullException) when (!collected)
            {
                // Garbage first. When what could go has to wait for others, giving up checkpoints frees nothing either.
                collected = true;
                waits = !TryCollect(cancellationToken);
            }
            catch (StoreFullException) when (!asked && !waits && request.MakeRoom is not null)
            {
                asked = true;
                pruned.AddRange(MakeRoom(request.MakeRoom, cancellationToken));
            }
            catch (StoreFullException) when (kinds.Count > 0)
            {
                current = current with { Kind = kinds.Dequeue() };
            }
        }
    }

    /// <summary>Restores a checkpoint into a directory that is missing or empty: there whole and durable, or not at all. Every chunk is proven.</summary>
    /// <exception cref="NoSuchCheckpointException">There is none.</exception>
    /// <exception cref="DamagedCheckpointException">Some of its bytes are not what was stored.</exception>
    public GetResult Get(string id, string target, IProgress<StoreProgress>? progress = null, CancellationToken cancellationToken = default) =>
        new GetOperation(this, id, target, progress).Run(cancellationToken);

    /// <summary>Restores the checkpoint that is meant; for a name, the newest one that is whole.</summary>
    /// <param name="text">An id, the beginning of one, or a name.</param>
    /// <param name="target">As for <see cref="Get"/>.</param>
    /// <param name="passedOver">Told of each damaged checkpoint of the name, with the reason.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Gives up; nothing is restored.</param>
    /// <exception cref="DamagedCheckpointException">All of them are damaged.</exception>
    public GetResult GetNewest(string text, string target, Action<string, string>? passedOver = null, IProgress<StoreProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var named = List().Where(checkpoint => checkpoint.Name == text && checkpoint.Checkpoint is not { Kind: CheckpointKind.MetadataOnly }).Reverse().ToList();
        if (named.Count == 0)
        {
            return Get(Find(text), target, progress, cancellationToken);
        }

        foreach (var checkpoint in named)
        {
            try
            {
                return Get(checkpoint.Id, target, progress, cancellationToken);
            }
            catch (StoreException passed) when (passed is DamagedCheckpointException or UnreadableCheckpointException or NoSuchCheckpointException)
            {
                // Damaged, on a bad sector, or pruned since it was listed.
                passedOver?.Invoke(checkpoint.Id, passed.Message);
            }
        }

        throw new DamagedCheckpointException($"No checkpoint of {text} in {Files.Description} is whole.");
    }

    /// <summary>All checkpoints, by name and sequence. A manifest that cannot be read is among them.</summary>
    public IReadOnlyList<CheckpointSummary> List()
    {
        var files = Files.List(StoreNames.Checkpoints);
        var names = files.Select(file => file.Name).ToHashSet(StringComparer.Ordinal);
        var found = new List<CheckpointSummary>();
        foreach (var file in files)
        {
            var id = file.Name.EndsWith(StoreNames.ManifestSuffix, StringComparison.Ordinal) ? file.Name[..^StoreNames.ManifestSuffix.Length] : "";
            if (!CheckpointId.TryParse(id, out var name, out var sequence))
            {
                continue;
            }

            StoredCheckpoint? checkpoint = null;
            try
            {
                using var reader = Files.Open(StoreNames.Manifest(id));
                checkpoint = ReadFirst(reader);
            }
            catch (FileNotFoundException)
            {
                // Pruned since it was listed.
                continue;
            }
            catch (IOException unreadable) when (unreadable is not StoreException)
            {
                // On a bad sector: the others can be listed, stored beside and restored all the same.
            }

            found.Add(new()
            {
                Id = id,
                Name = name,
                Sequence = sequence,
                Checkpoint = checkpoint?.Id == id ? checkpoint : null,
                Pinned = names.Contains(id + StoreNames.PinnedSuffix),
                Proven = names.Contains(id + StoreNames.ProvenSuffix),
            });
        }

        found.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name) is not 0 and var names ? names
            : left.Sequence != right.Sequence ? left.Sequence.CompareTo(right.Sequence)
            : string.CompareOrdinal(left.Id, right.Id));
        return found;
    }

    /// <summary>The id that is meant: an id, the only one that begins so, or the newest of a name.</summary>
    /// <exception cref="NoSuchCheckpointException">None is, or several are.</exception>
    public string Find(string text)
    {
        var all = List();
        if (all.Any(checkpoint => checkpoint.Id == text))
        {
            return text;
        }

        if (all.LastOrDefault(checkpoint => checkpoint.Name == text) is { } newest)
        {
            return newest.Id;
        }

        var beginning = all.Where(checkpoint => text.Length > 0 && checkpoint.Id.StartsWith(text, StringComparison.Ordinal)).ToList();
        return beginning.Count switch
        {
            1 => beginning[0].Id,
            0 => throw new NoSuchCheckpointException($"There is no checkpoint '{text}' in {Files.Description}."),
            _ => throw new NoSuchCheckpointException($"'{text}' may be any of {string.Join(", ", beginning.Take(5).Select(checkpoint => checkpoint.Id))}{(beginning.Count > 5 ? ", …" : "")}."),
        };
    }

    /// <summary>Whether the store still has a checkpoint.</summary>
    public bool Contains(string id) => Files.Exists(StoreNames.Manifest(id));

    /// <summary>Reads a manifest, and proves that it is the one that was written.</summary>
    /// <exception cref="NoSuchCheckpointException">There is none.</exception>
    /// <exception cref="DamagedCheckpointException">Its bytes have changed.</exception>
    public (StoredCheckpoint Checkpoint, IReadOnlyList<StoredEntry> Entries) Show(string id)
    {
        var manifest = ReadManifest(id);
        return (manifest.Checkpoint, manifest.Entries);
    }

    /// <summary>Keeps a checkpoint whatever retention says, or no longer.</summary>
    public void Pin(string id, bool pinned) => Mark(id, StoreNames.PinnedSuffix, pinned);

    /// <summary>Says that a restart went past it, or that a verify command passed.</summary>
    public void Prove(string id, bool proven = true) => Mark(id, StoreNames.ProvenSuffix, proven);

    /// <summary>Deletes checkpoints, and nothing of what they share with others; space comes back with <see cref="Collect"/>. A repeat changes nothing.</summary>
    /// <returns>Those that are gone, and for each that stays why.</returns>
    public PruneResult Prune(IEnumerable<string> ids) => Pruner.Delete(this, ids);

    /// <summary>Deletes a checkpoint whose keeper has a catalogue of its own, which says what has to stay. A repeat changes nothing.</summary>
    public void Forget(string id)
    {
        Files.Delete(StoreNames.Manifest(id));
        Files.Delete($"{StoreNames.Checkpoints}/{id}{StoreNames.PinnedSuffix}");
        Files.Delete($"{StoreNames.Checkpoints}/{id}{StoreNames.ProvenSuffix}");
        Files.SyncFolder(StoreNames.Checkpoints);
    }

    /// <summary>Gives back the space of chunks that no checkpoint needs, while others write and restore. What they may still need waits for the next time.</summary>
    /// <exception cref="StoreBusyException">Somebody else collects.</exception>
    public CollectResult Collect(CancellationToken cancellationToken = default) => new Collector(this).Run(cancellationToken);

    /// <summary>Reads everything, or one checkpoint, and compares. Damaged places are noted, so that the next checkpoint heals what can be healed.</summary>
    public VerifyResult Verify(string? id = null, IProgress<StoreProgress>? progress = null, CancellationToken cancellationToken = default) =>
        new Verifier(this, id, progress).Run(cancellationToken);

    /// <summary>Copies a checkpoint to a store of another tier, under the same id. A repeat changes nothing.</summary>
    public FlushResult Flush(string id, ChunkStore far, IProgress<StoreProgress>? progress = null, CancellationToken cancellationToken = default) =>
        new FlushOperation(this, far, id, progress).Run(cancellationToken);

    public StoreStatistics Measure() => StoreStatistics.Of(this);

    internal Manifest ReadManifest(string id) => ReadManifest(id, out _);

    internal Manifest ReadManifest(string id, out byte[] bytes)
    {
        try
        {
            bytes = Files.ReadWhole(StoreNames.Manifest(id));
        }
        catch (FileNotFoundException missing)
        {
            throw new NoSuchCheckpointException($"There is no checkpoint {id} in {Files.Description}.", missing);
        }
        catch (IOException unreadable) when (unreadable is not StoreException)
        {
            throw new UnreadableCheckpointException($"The manifest of {id} in {Files.Description} cannot be read: {unreadable.Message}", unreadable);
        }

        var manifest = Manifest.Read(id, bytes);
        return manifest.Checkpoint.Id == id ? manifest : throw new DamagedCheckpointException($"The manifest of {id} is that of {manifest.Checkpoint.Id}.");
    }

    /// <summary>The first line, however long the path in it is.</summary>
    private static StoredCheckpoint? ReadFirst(IStoreFileReader reader)
    {
        for (var length = 2048; ; length *= 8)
        {
            var bytes = new byte[length];
            var read = reader.Read(0, bytes);
            if (read < length || length > LongestFirstLine || bytes.AsSpan().Contains((byte)'\n'))
            {
                return Manifest.ReadFirst(bytes.AsSpan(0, read));
            }
        }
    }

    private void Mark(string id, string suffix, bool set)
    {
        if (!Contains(id))
        {
            throw new NoSuchCheckpointException($"There is no checkpoint {id} in {Files.Description}.");
        }

        var name = $"{StoreNames.Checkpoints}/{id}{suffix}";
        if (set && !Files.Exists(name))
        {
            try
            {
                Files.WriteWhole(name, "\n"u8, Options.NewSuffix());
            }
            catch (FileNotFoundException)
            {
                // A collection took the half written file for one that a dead process left.
                Files.WriteWhole(name, "\n"u8, Options.NewSuffix());
            }
        }
        else if (!set)
        {
            Files.Delete(name);
            Files.SyncFolder(StoreNames.Checkpoints);
        }
    }

    private IReadOnlyList<string> MakeRoom(Func<IReadOnlyList<CheckpointSummary>, IEnumerable<string>> choose, CancellationToken cancellationToken)
    {
        // By time among the names, and by sequence within each: a clock that was set back does not make the newest the oldest.
        var (aged, later) = (new List<(CheckpointSummary Checkpoint, DateTimeOffset Age)>(), new Dictionary<string, DateTimeOffset>());
        foreach (var checkpoint in List().Reverse())
        {
            var limit = later.GetValueOrDefault(checkpoint.Name, DateTimeOffset.MaxValue);
            var age = checkpoint.Checkpoint?.TakenAt is { } taken && taken < limit ? taken : limit;
            later[checkpoint.Name] = age;
            aged.Add((checkpoint, age));
        }

        var gone = Prune(choose([.. aged.OrderBy(pair => pair.Age).ThenBy(pair => pair.Checkpoint.Sequence).Select(pair => pair.Checkpoint)])).Gone;
        _ = TryCollect(cancellationToken);
        return gone;
    }

    /// <summary>Whether all that is garbage could be given back: nobody else collects, and nobody has to be waited for.</summary>
    private bool TryCollect(CancellationToken cancellationToken)
    {
        try
        {
            return Collect(cancellationToken).Waiting == 0;
        }
        catch (StoreBusyException)
        {
            // Then another process gives the space back; the next attempt tells.
            return false;
        }
        catch (IOException)
        {
            // Space is what is asked for; that none came is told by the attempt that follows.
            return false;
        }
    }
}
