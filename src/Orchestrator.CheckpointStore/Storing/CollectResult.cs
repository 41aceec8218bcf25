namespace Orchestrator.CheckpointStore.Storing;

/// <summary>What a collection did.</summary>
public sealed record CollectResult
{
    /// <summary>Bytes of packs that are gone.</summary>
    public long Freed { get; init; }

    /// <summary>Bytes that were copied into new packs, because the rest of theirs is garbage.</summary>
    public long Copied { get; init; }

    /// <summary>Bytes that wait until nobody can need them any more.</summary>
    public long Waiting { get; init; }

    /// <summary>Who is waited for: leases.</summary>
    public IReadOnlyList<string> WaitFor { get; init; } = [];

    /// <summary>Packs that no index named, and that are in it again.</summary>
    public long Rebuilt { get; init; }

    /// <summary>Chunks that checkpoints need and that could not be copied because they are damaged.</summary>
    public long Damaged { get; init; }
}
