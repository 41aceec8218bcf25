using Orchestrator.CheckpointStore.Chunks;

namespace Orchestrator.CheckpointStore.Packs;

/// <summary>A place where a chunk was found damaged: nothing refers to it any more, so the next checkpoint with that chunk stores it again, which heals the earlier ones.</summary>
public sealed record DamageNote
{
    public string Pack { get; init; } = "";

    public uint Offset { get; init; }

    /// <summary>The address, lower-case hexadecimal.</summary>
    public string Chunk { get; init; } = "";

    internal static DamageNote Of(string pack, ChunkPlace place, in ChunkHash hash) => new() { Pack = pack, Offset = place.Offset, Chunk = hash.ToString() };
}
