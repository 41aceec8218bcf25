namespace Orchestrator.CheckpointStore.Packs;

/// <summary>
/// Packs that a collection wants to delete. Who opens the store from now on stores their chunks anew instead of referring to them; once everybody is gone who opened it before,
/// and nobody refers to them still, they go.
/// </summary>
internal sealed record Condemnation
{
    public IReadOnlyList<string> Packs { get; init; } = [];

    /// <summary>The leases that lived when it was written.</summary>
    public IReadOnlyList<string> WaitFor { get; init; } = [];
}
