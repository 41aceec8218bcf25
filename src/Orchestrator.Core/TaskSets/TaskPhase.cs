namespace Orchestrator.Core.TaskSets;

/// <summary>Where a task of a set stands.</summary>
public enum TaskPhase : byte
{
    Absent = 0,

    /// <summary>Added, not yet admitted: what it depends on may still be told.</summary>
    Added = 1,

    /// <summary>Waits for other tasks to complete.</summary>
    Blocked = 2,

    /// <summary>Waits for room.</summary>
    Ready = 3,

    Leased = 4,

    Completed = 5,

    /// <summary>Failed more often than it may be tried again.</summary>
    Failed = 6,

    /// <summary>Never ran, because a task that it depends on failed.</summary>
    Skipped = 7,
}
