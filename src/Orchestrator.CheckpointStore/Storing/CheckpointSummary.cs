using Orchestrator.CheckpointStore.Manifests;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>A checkpoint in a list.</summary>
public sealed record CheckpointSummary
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required long Sequence { get; init; }

    /// <summary>What its manifest says, not proven; null when that cannot be read.</summary>
    public StoredCheckpoint? Checkpoint { get; init; }

    /// <summary>Never pruned.</summary>
    public bool Pinned { get; init; }

    /// <summary>A restart went past it, or a verify command passed.</summary>
    public bool Proven { get; init; }
}
