namespace Orchestrator.Core.TaskSets;

/// <summary>What the end of an attempt means for its task.</summary>
public enum TaskEndReply
{
    Absent = 0,

    /// <summary>The lease is not the one that counts: nothing changed.</summary>
    Stale = 1,

    Completed = 2,

    /// <summary>Failed, and waits to be tried again.</summary>
    WillRetry = 3,

    Failed = 4,
}
