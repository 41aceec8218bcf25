using Orchestrator.CheckpointStore.Leases;
using Orchestrator.Core.Checkpoints;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>Deletes checkpoints, but for those that must stay: pinned ones, the newest proven one of each name (the newest that can be read, when none is proven), and what is being restored.</summary>
internal static class Pruner
{
    public static PruneResult Delete(ChunkStore store, IEnumerable<string> ids)
    {
        var all = store.List();
        var (gone, kept) = (new List<string>(), new Dictionary<string, string>());
        var restored = StoreLease.Living(store.Files, store.Options)
            .Where(lease => lease.Record.Kind == LeaseKind.Read && lease.Record.Checkpoint is not null)
            .ToLookup(lease => lease.Record.Checkpoint!, lease => $"{lease.Record.Host}, process {lease.Record.ProcessId}");
        foreach (var id in ids.Distinct())
        {
            if (all.FirstOrDefault(checkpoint => checkpoint.Id == id) is not { } checkpoint)
            {
                continue;
            }

            var last = LastResort(store, all, checkpoint.Name);
            if (checkpoint.Pinned)
            {
                kept.Add(id, "it is pinned");
            }
            else if (last?.Id == id)
            {
                kept.Add(id, checkpoint.Proven ? $"it is the newest proven one of {checkpoint.Name}" : $"no checkpoint of {checkpoint.Name} is proven, and this is the newest");
            }
            else if (restored.Contains(id))
            {
                kept.Add(id, $"it is being restored by {restored[id].First()}");
            }
            else
            {
                store.Files.Delete(StoreNames.Manifest(id));
                store.Files.Delete($"{StoreNames.Checkpoints}/{id}{StoreNames.ProvenSuffix}");
                gone.Add(id);
            }
        }

        if (gone.Count > 0)
        {
            store.Files.SyncFolder(StoreNames.Checkpoints);
        }

        return new(gone, kept);
    }

    private static CheckpointSummary? LastResort(ChunkStore store, IReadOnlyList<CheckpointSummary> all, string name)
    {
        var newestFirst = all.Where(checkpoint => checkpoint.Name == name).Reverse().ToList();
        return newestFirst.Where(checkpoint => checkpoint.Proven).Concat(newestFirst).FirstOrDefault(checkpoint => IsRestorable(store, checkpoint.Id));
    }

    private static bool IsRestorable(ChunkStore store, string id)
    {
        try
        {
            return store.ReadManifest(id).Checkpoint.Kind != CheckpointKind.MetadataOnly;
        }
        catch (StoreException)
        {
            return false;
        }
    }
}
