using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Packs;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>What a store holds and takes.</summary>
public sealed record StoreStatistics
{
    public long Checkpoints { get; init; }

    /// <summary>Bytes of the files of all checkpoints, as if each were a copy.</summary>
    public long Logical { get; init; }

    /// <summary>Bytes of all packs.</summary>
    public long Stored { get; init; }

    /// <summary>Bytes of index and manifests.</summary>
    public long Index { get; init; }

    /// <summary>Chunks that can be read.</summary>
    public long Chunks { get; init; }

    public long Packs { get; init; }

    /// <summary>Bytes of packs that wait until nobody can need them.</summary>
    public long Condemned { get; init; }

    public long Leases { get; init; }

    internal static StoreStatistics Of(ChunkStore store)
    {
        var index = StoreIndex.Load(store.Files);
        var checkpoints = store.List();
        return new()
        {
            Checkpoints = checkpoints.Count,
            Logical = checkpoints.Sum(checkpoint => checkpoint.Checkpoint?.Bytes ?? 0),
            Stored = index.Lengths.Values.Sum(),
            Index = store.Files.List(StoreNames.Index).Concat(store.Files.List(StoreNames.Checkpoints)).Sum(file => file.Length),
            Chunks = index.Chunks,
            Packs = index.Lengths.Count,
            Condemned = index.Lengths.Where(pack => index.Condemned.Contains(pack.Key)).Sum(pack => pack.Value),
            Leases = store.Files.List(StoreNames.Leases).Count,
        };
    }

    internal static long UsedBytes(IStoreFiles files) =>
        files.List(StoreNames.Packs).Concat(files.List(StoreNames.Index)).Concat(files.List(StoreNames.Checkpoints)).Sum(file => file.Length);
}
