using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.CheckpointStore.Compression;
using Orchestrator.Core.Checkpoints;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>What to store, and how.</summary>
public sealed record PutRequest
{
    /// <summary>What successive checkpoints have in common: 1 to 100 letters, digits and <c>. _ @ + -</c>, beginning with a letter or digit.</summary>
    public required string Name { get; init; }

    /// <summary>A directory, or one file.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// Full: every file is read. Incremental: files that did not change since the checkpoint before are taken from there unread. Critical state: only files that match
    /// <see cref="Critical"/>. Metadata only: no bytes. Each is whole in itself: none needs an earlier one.
    /// </summary>
    public CheckpointKind Kind { get; init; } = CheckpointKind.Full;

    public CompressionChoice Compression { get; init; } = CompressionChoice.Default;

    public Chunking Chunking { get; init; } = Chunking.Automatic;

    /// <summary>Paths that matter to <see cref="CheckpointKind.CriticalState"/>, with * and ?, relative.</summary>
    public IReadOnlyList<string> Critical { get; init; } = [];

    /// <summary>The program's own word, for an incremental one: true for a relative path that did not change since the checkpoint before, whatever its times say.</summary>
    public Func<string, bool>? Unchanged { get; init; }

    /// <summary>The store may have so many bytes afterwards; null: no limit.</summary>
    public long? Quota { get; init; }

    /// <summary>So many bytes stay free on the disk: 64 MiB.</summary>
    public long LeaveFree { get; init; } = 64L * 1024 * 1024;

    /// <summary>
    /// Asked once when there is no room, with all checkpoints of the store, oldest first: the ids of those that may go. Pinned ones, and the newest proven one of each name, stay
    /// in any case. Null: none may.
    /// </summary>
    public Func<IReadOnlyList<CheckpointSummary>, IEnumerable<string>>? MakeRoom { get; init; }

    /// <summary>Tried one after the other when there is still no room.</summary>
    public IReadOnlyList<CheckpointKind> Smaller { get; init; } = [];

    public IProgress<StoreProgress>? Progress { get; init; }
}
