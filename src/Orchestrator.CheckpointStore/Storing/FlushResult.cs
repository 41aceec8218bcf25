namespace Orchestrator.CheckpointStore.Storing;

/// <summary>A checkpoint that another store has, too.</summary>
/// <param name="Id">The same in both.</param>
/// <param name="Copied">Bytes by which the packs of the other grew.</param>
/// <param name="Chunks">Chunks that it lacked.</param>
public sealed record FlushResult(string Id, long Copied, long Chunks);
