using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.Core.Checkpoints;

namespace Orchestrator.CheckpointStore.Manifests;

/// <summary>What a manifest says of its checkpoint as a whole: its first line.</summary>
public sealed record StoredCheckpoint
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    /// <summary><c>NAME-SEQUENCE-RANDOM</c>.</summary>
    public string Id { get; init; } = "";

    /// <summary>What successive checkpoints have in common.</summary>
    public string Name { get; init; } = "";

    /// <summary>Orders the checkpoints of a name, whatever clocks say; from 1.</summary>
    public long Sequence { get; init; }

    public CheckpointKind Kind { get; init; }

    public DateTimeOffset TakenAt { get; init; }

    /// <summary>When its reading began; null in those of versions that did not say. A file that changed later, or just before, is read again by the next one.</summary>
    public DateTimeOffset? BeganAt { get; init; }

    public string Host { get; init; } = "";

    /// <summary>Where the files were.</summary>
    public string Source { get; init; } = "";

    /// <summary>The checkpoint with which it was compared; none is needed to restore this one.</summary>
    public string? Previous { get; init; }

    public string Compression { get; init; } = "";

    /// <summary>Files with contents.</summary>
    public long Files { get; init; }

    /// <summary>Bytes of all files together, holes included.</summary>
    public long Bytes { get; init; }

    /// <summary>Chunks of all files together, those met twice counted twice.</summary>
    public long Chunks { get; init; }

    /// <summary>Entries: files, directories and links.</summary>
    public long Entries { get; init; }
}

/// <summary>Which kind of entry.</summary>
public enum StoredEntryType
{
    Absent = 0,
    File = 1,
    Directory = 2,
    Link = 3,
}

/// <summary>One path of a checkpoint: a line of its manifest.</summary>
public sealed record StoredEntry
{
    /// <summary>Relative, with '/' between folders; directories come before what is in them. "" is the top.</summary>
    public string Path { get; init; } = "";

    public StoredEntryType Type { get; init; }

    /// <summary>Permissions, as chmod counts.</summary>
    public int Mode { get; init; }

    /// <summary>Last change, nanoseconds since 1970.</summary>
    public long Modified { get; init; }

    /// <summary>Last change of bytes, permissions or name, nanoseconds since 1970; nobody can set it back.</summary>
    public long Changed { get; init; }

    /// <summary>The file system of the file when it was read.</summary>
    public long Device { get; init; }

    /// <summary>Bytes of a file.</summary>
    public long Size { get; init; }

    /// <summary>Of the file when it was read.</summary>
    public long Inode { get; init; }

    /// <summary>Where a link leads.</summary>
    public string? Target { get; init; }

    /// <summary>How it was cut.</summary>
    public Chunking Chunking { get; init; }

    /// <summary>The list of its chunks; null when its bytes are not part of the checkpoint.</summary>
    public byte[]? Chunks { get; init; }
}
