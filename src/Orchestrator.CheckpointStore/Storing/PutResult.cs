using Orchestrator.CheckpointStore.Manifests;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>A checkpoint that is durable now.</summary>
public sealed record PutResult
{
    public required StoredCheckpoint Checkpoint { get; init; }

    /// <summary>SHA-256 of its manifest, lower-case hexadecimal.</summary>
    public required string ManifestHash { get; init; }

    /// <summary>Bytes that were read.</summary>
    public required long Read { get; init; }

    /// <summary>Bytes by which the packs grew.</summary>
    public required long Stored { get; init; }

    /// <summary>Chunks that the store did not have.</summary>
    public required long NewChunks { get; init; }

    /// <summary>Files that were taken from the checkpoint before, unread.</summary>
    public required long Unchanged { get; init; }

    /// <summary>Sockets, pipes and devices, which cannot be stored; relative.</summary>
    public required IReadOnlyList<string> Skipped { get; init; }

    /// <summary>Checkpoints that went to make room.</summary>
    public IReadOnlyList<string> Pruned { get; init; } = [];
}
