using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Orchestrator.CheckpointStore;

/// <summary>What a checkpoint consists of: the bytes of a checkpoint are right exactly when they match its manifest.</summary>
public sealed record CheckpointManifest
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    /// <summary>Sorted by name.</summary>
    public ImmutableArray<ManifestFile> Files { get; init; } = [];

    /// <summary>
    /// Files of the run directory that the program only appends to, as they were at the checkpoint: so many bytes from their beginning, and the hash of these. Sorted by name.
    /// </summary>
    public ImmutableArray<ManifestFile> Appended { get; init; } = [];

    /// <summary>The id under which the store of the data directory has the files; null when they stay where the program left them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? Stored { get; init; }

    /// <summary>With <see cref="Stored"/>: SHA-256 of the manifest in the store, lower-case hexadecimal.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? StoredHash { get; init; }

    /// <summary>With <see cref="Stored"/>: bytes of all files together.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long StoredBytes { get; init; }
}

/// <summary>One file of a checkpoint.</summary>
public sealed record ManifestFile
{
    /// <summary>Relative to the checkpoint's directory, with '/' between folders.</summary>
    public string Name { get; init; } = "";

    /// <summary>Bytes.</summary>
    public long Size { get; init; }

    /// <summary>Lower-case hexadecimal.</summary>
    public string Sha256 { get; init; } = "";
}
