using Orchestrator.CheckpointStore.Manifests;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>A checkpoint that was restored.</summary>
/// <param name="Checkpoint">Which.</param>
/// <param name="Target">Where it is now; absolute.</param>
/// <param name="Read">Bytes that were read from packs.</param>
public sealed record GetResult(StoredCheckpoint Checkpoint, string Target, long Read);
