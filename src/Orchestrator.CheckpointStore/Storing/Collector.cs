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
internal sealed partial class Collector(ChunkStore store)
{
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
}
