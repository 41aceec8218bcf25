namespace Orchestrator.CheckpointStore.Storing;

/// <summary>What reading everything showed.</summary>
public sealed record VerifyResult
{
    /// <summary>Checkpoints of which every byte is what was stored.</summary>
    public required IReadOnlyList<string> Intact { get; init; }

    /// <summary>Ids, and what is wrong.</summary>
    public required IReadOnlyDictionary<string, string> Damaged { get; init; }

    /// <summary>What is wrong with the store besides: index files, packs, files that are none of its own.</summary>
    public required IReadOnlyList<string> Findings { get; init; }

    /// <summary>Bytes of packs that were read.</summary>
    public required long Read { get; init; }

    /// <summary>Chunks that were proven.</summary>
    public required long Chunks { get; init; }
}
