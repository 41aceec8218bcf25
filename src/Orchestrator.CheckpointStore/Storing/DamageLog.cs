using System.Text.Json;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Packs;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>Notes damaged places in the store.</summary>
internal static class DamageLog
{
    /// <summary>Best effort: a store that can only be read can still be verified.</summary>
    public static void Note(ChunkStore store, IReadOnlyList<DamageNote> notes)
    {
        if (notes.Count == 0)
        {
            return;
        }

        var suffix = store.Options.NewSuffix();
        try
        {
            store.Files.WriteWhole($"{StoreNames.Index}/{suffix}{StoreNames.DamagedSuffix}", JsonSerializer.SerializeToUtf8Bytes(notes, StoreJson.Default.IReadOnlyListDamageNote), suffix);
        }
        catch (Exception readOnly) when (readOnly is IOException or UnauthorizedAccessException)
        {
            // The caller tells of the damage itself.
        }
    }
}
