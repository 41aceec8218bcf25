namespace Orchestrator.CheckpointStore.Storing;

/// <summary>How far a long work is.</summary>
/// <param name="Bytes">Done.</param>
/// <param name="Total">To do; 0 while unknown.</param>
/// <param name="Files">Done.</param>
public readonly record struct StoreProgress(long Bytes, long Total, long Files);
