using System.Security.Cryptography;
using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Leases;
using Orchestrator.CheckpointStore.Manifests;
using Orchestrator.CheckpointStore.Packs;
using Orchestrator.Core.Checkpoints;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>
/// Stores one checkpoint. The order makes it safe: lease; packs, durable; their index segment, durable; the manifest, durable under another name, then renamed. Before the
/// rename nothing refers to what was written, so a crash leaves nothing but garbage.
/// </summary>
internal sealed partial class PutOperation(ChunkStore store, PutRequest request)
{
    private const long CheckFreeEach = 64L * 1024 * 1024;
    private const int Slabs = 5;


    private readonly IStoreFiles files = store.Files;
    private readonly List<(StoredEntry Entry, FileChunks? Chunks)> entries = [];
    private readonly List<string> skipped = [];
    private readonly List<(string Temporary, string Name)> temporary = [];
    private readonly Dictionary<string, StoredEntry> before = [];
    private Manifest? previous;
    private StoreIndex index = null!;
    private long read, unchanged, usedBefore, measured, checkedFree, readFiles;
    private DateTimeOffset began;
    private bool published;

    public PutResult Run(CancellationToken cancellationToken)
    {
        try
        {
            return Store(cancellationToken);
        }
        catch (IOException fault) when (StoreFullException.Means(fault))
        {
            throw new StoreFullException($"The disk of {files.Description} is full: {fault.Message} What was stored before is as it was.", fault);
        }
    }

    private PutResult Store(CancellationToken cancellationToken)
    {
        var source = Path.GetFullPath(request.Path);
        Refuse(source);
        using var lease = StoreLease.Take(files, store.Options, LeaseKind.Write);
        index = StoreIndex.Load(files);
        usedBefore = request.Quota is null ? 0 : StoreStatistics.UsedBytes(files);
        checkedFree = -CheckFreeEach;
        began = store.Options.Time.GetUtcNow();
        var sequence = FindPrevious();
        using var packs = new PackWriter(files, lease.Id, store.Options.Workers > 0, Reserve);
        try
        {
            using (var pool = new SlabPool(Slabs))
            using (var pipeline = new ChunkPipeline(index, packs, request.Compression, store.Options.Workers, cancellationToken))
            {
                using (var reader = new FileReader(pipeline, pool, count => Report(count)))
                {
                    try
                    {
                        Walk(source, reader, pipeline.Stopped);
                    }
                    catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                    {
                        pipeline.ThrowFailure();
                        throw;
                    }
                }

                pipeline.Finish();
                return Commit(lease, packs, source, sequence, pipeline.NewChunks);
            }
        }
        catch
        {
            TakeBack(packs);
            throw;
        }
    }

    private void Refuse(string source)
    {
        if (!File.Exists(source) && !Directory.Exists(source))
        {
            throw new NoSuchCheckpointException($"There is no {source}.");
        }

        if (Inside(source, files.Description) || Inside(files.Description, source))
        {
            throw new StoreException($"The store {files.Description} and {source} lie in each other: a store cannot hold itself.");
        }

        if (request.Kind == CheckpointKind.CriticalState && request.Critical.Count == 0)
        {
            throw new StoreException("A checkpoint of the critical state needs to know which files those are.");
        }
    }

    private static bool Inside(string inner, string outer) => inner == outer || inner.StartsWith(outer.TrimEnd('/') + "/", StringComparison.Ordinal);

    /// <summary>Looks for the newest checkpoint of the name that can be read; the sequence of the next one.</summary>
    private long FindPrevious()
    {
        var sequence = 1L;
        foreach (var earlier in store.List().Where(checkpoint => checkpoint.Name == request.Name).Reverse())
        {
            sequence = Math.Max(sequence, earlier.Sequence + 1);
            if (previous is not null)
            {
                break;
            }

            try
            {
                var manifest = store.ReadManifest(earlier.Id);
                previous = manifest.Checkpoint.Kind == CheckpointKind.MetadataOnly ? previous : manifest;
            }
            catch (StoreException)
            {
                // Damaged, or just pruned: the one before serves as well, since this one will be whole in itself.
            }
        }

        foreach (var entry in previous?.Entries ?? [])
        {
            if (entry is { Type: StoredEntryType.File, Chunks: not null })
            {
                before[entry.Path] = entry;
            }
        }

        return sequence;
    }

    private PutResult Commit(StoreLease lease, PackWriter packs, string source, long sequence, long newChunks)
    {
        var stored = entries.Select(pair => pair.Chunks is null ? pair.Entry : pair.Entry with { Chunks = ChunkReference.Write(pair.Chunks.All) }).ToList();
        var checkpoint = new StoredCheckpoint
        {
            Id = CheckpointId.Create(request.Name, sequence, store.Options.NewSuffix()),
            Name = request.Name,
            Sequence = sequence,
            Kind = request.Kind,
            TakenAt = store.Options.Time.GetUtcNow(),
            BeganAt = began,
            Host = store.Options.Identity.Host,
            Source = source,
            Previous = previous?.Checkpoint.Id,
            Compression = request.Compression.ToString(),
            Files = stored.Count(entry => entry is { Type: StoredEntryType.File, Chunks: not null }),
            Bytes = stored.Where(entry => entry.Chunks is not null).Sum(entry => entry.Size),
            Chunks = stored.Sum(entry => (entry.Chunks?.Length ?? 0) / (ChunkHash.Size + sizeof(int))),
            Entries = stored.Count,
        };
        var manifest = new Manifest { Checkpoint = checkpoint, Entries = stored }.Write();
        Reserve(packs.Bytes + manifest.Length);
        Publish(lease, packs, StoreNames.Manifest(checkpoint.Id), manifest);
        if (lease.IsLost)
        {
            files.Delete(StoreNames.Manifest(checkpoint.Id));
            files.SyncFolder(StoreNames.Checkpoints);
            ThrowIfLost(lease);
        }

        return new()
        {
            Checkpoint = checkpoint,
            ManifestHash = Convert.ToHexStringLower(SHA256.HashData(manifest)),
            Read = read,
            Stored = packs.Bytes,
            NewChunks = newChunks,
            Unchanged = unchanged,
            Skipped = skipped,
        };
    }

    /// <summary>
    /// First the bytes of everything are durable, packs, index and manifest at once, since they wait for the same disk; then they get their names. The manifest needs the packs and
    /// not the index, which can be made again.
    /// </summary>
    private void Publish(StoreLease lease, PackWriter packs, string name, byte[] manifest)
    {
        var finishing = store.Options.Workers > 0 ? Task.Factory.StartNew(packs.Finish, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default) : null;
        try
        {
            if (packs.Packs.Count > 0)
            {
                var segment = new IndexSegment { Packs = packs.Packs, Entries = packs.Written };
                temporary.Add((files.WriteBeside(SegmentOf(lease), segment.Write(), lease.Id), SegmentOf(lease)));
            }

            temporary.Add((files.WriteBeside(name, manifest, lease.Id), name));
        }
        finally
        {
            (finishing ?? Task.CompletedTask).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Wait();
        }

        finishing?.GetAwaiter().GetResult();
        if (finishing is null)
        {
            packs.Finish();
        }

        ThrowIfLost(lease);
        published = true;
        foreach (var (from, to) in temporary)
        {
            files.Rename(from, to);
        }

        files.SyncFolder(StoreNames.Index);
        files.SyncFolder(StoreNames.Checkpoints);
    }

    private static string SegmentOf(StoreLease lease) => $"{StoreNames.Index}/{lease.Id}{StoreNames.IndexSuffix}";

    /// <summary>A process that hung so long that others took it for dead may have lost what it wrote or referred to.</summary>
    private void ThrowIfLost(StoreLease lease)
    {
        if (lease.IsLost)
        {
            throw new StoreException(
                $"This process did not answer for over {store.Options.LeaseTimeout.TotalMinutes:0} min, or the clock of the file system jumped: its lease {lease.Id} on {files.Description} was given to others. The checkpoint is not stored; repeat it.");
        }
    }

    private void TakeBack(PackWriter packs)
    {
        try
        {
            foreach (var (written, name) in Enumerable.Reverse(temporary))
            {
                // A segment that has its name may be known to others, who store nothing of what its packs hold: from then on both are for collection to judge.
                if (!published || name.StartsWith(StoreNames.Checkpoints, StringComparison.Ordinal))
                {
                    files.Delete(name);
                }

                files.Delete(written);
            }

            if (!published)
            {
                packs.Abandon();
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The first failure is the one to tell; collection takes what is left.
        }
    }

    private void Reserve(long written)
    {
        if (request.Quota is not null && written - measured >= CheckFreeEach)
        {
            // Others write, too.
            measured = written;
            usedBefore = Math.Max(usedBefore, StoreStatistics.UsedBytes(files) - written);
        }

        if (request.Quota is { } quota && usedBefore + written > quota)
        {
            throw new StoreFullException($"The store {files.Description} may have {quota} bytes, and has {usedBefore}: this checkpoint needs more than is left. What was stored before is as it was.");
        }

        if (written - checkedFree >= CheckFreeEach)
        {
            checkedFree = written;
            if (files.FreeBytes is var free && free < request.LeaveFree)
            {
                throw new StoreFullException($"The disk of {files.Description} has {free} bytes left, and {request.LeaveFree} shall stay free. What was stored before is as it was.");
            }
        }
    }

    private void Report(int count)
    {
        read += count;
        request.Progress?.Report(new(read, 0, readFiles));
    }
}
