namespace Orchestrator.CheckpointStore;

/// <summary>A checkpoint whose manifest lies beside it.</summary>
public sealed record SealedCheckpoint
{
    /// <summary>The path of the manifest.</summary>
    public required string ManifestPath { get; init; }

    /// <summary>SHA-256 of the manifest's bytes, lower-case hexadecimal.</summary>
    public required string ManifestHash { get; init; }

    /// <summary>Bytes of all files together.</summary>
    public required long Bytes { get; init; }

    /// <summary>Its id in the store of the data directory; null when it stays where the program left it.</summary>
    public string? Stored { get; init; }
}
