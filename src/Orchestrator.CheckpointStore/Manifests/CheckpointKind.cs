namespace Orchestrator.CheckpointStore.Manifests;

/// <summary>How much of a checkpoint is kept. Each is whole in itself: none needs an earlier one.</summary>
public enum CheckpointKind
{
    Absent = 0,

    /// <summary>Every file was read.</summary>
    Full = 1,

    /// <summary>Files that did not change since the checkpoint before, by size, time and inode or the program's own word, were taken from there unread.</summary>
    Incremental = 2,

    /// <summary>Only the files that the program cannot do without.</summary>
    CriticalState = 3,

    /// <summary>Names, sizes and times, and no bytes: it cannot be restored.</summary>
    MetadataOnly = 4,
}
