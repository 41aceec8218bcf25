namespace Orchestrator.CheckpointStore.Storing;

/// <summary>What became of checkpoints that should go.</summary>
/// <param name="Gone">Ids.</param>
/// <param name="Kept">Ids, and why.</param>
public sealed record PruneResult(IReadOnlyList<string> Gone, IReadOnlyDictionary<string, string> Kept);
