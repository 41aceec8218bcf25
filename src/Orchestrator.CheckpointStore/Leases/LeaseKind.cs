namespace Orchestrator.CheckpointStore.Leases;

/// <summary>What a process does with a store.</summary>
public enum LeaseKind
{
    Absent = 0,
    Write = 1,
    Read = 2,
    Collect = 3,

    /// <summary>One of a few that may move bytes to a slower store at a time.</summary>
    Flush = 4,
}
