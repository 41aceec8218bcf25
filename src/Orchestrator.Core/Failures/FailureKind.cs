namespace Orchestrator.Core.Failures;

/// <summary>What kind of failure it was. What each means, how grave it is and what is done about it stands in <see cref="FailureKinds"/>.</summary>
[GenerateSerializer, Alias("orchestrator.failure-kind")]
public enum FailureKind
{
    Absent = 0,

    /// <summary>A node was seen dead, or not seen for a detection window.</summary>
    NodeOffline = 1,

    /// <summary>A node is slower than it should be, or its hardware reports errors.</summary>
    NodeDegraded = 2,

    /// <summary>The program ended by itself, with a status or by a signal.</summary>
    ProcessCrash = 3,
    MemoryExhaustion = 4,

    /// <summary>No space or no inodes are left, or a quota is used up.</summary>
    DiskFull = 5,
    NetworkFailure = 6,

    /// <summary>Others use what was promised.</summary>
    ResourceContention = 7,

    /// <summary>It runs, and gets no further: a stall or an endless loop.</summary>
    Deadlock = 8,

    /// <summary>It takes longer than it may.</summary>
    Timeout = 9,

    /// <summary>A file system does not give or take what it should.</summary>
    StorageFailure = 10,
    Unknown = 11,

    /// <summary>It used more than it declared, and its policy is to stop it then.</summary>
    ResourceExcess = 12,
}
