namespace Orchestrator.Core.Simulations;

/// <summary>Where a stage stands. From <see cref="Completed"/> on it is final.</summary>
[GenerateSerializer, Alias("orchestrator.stage-status")]
public enum StageStatus
{
    Absent = 0,

    /// <summary>Its dependencies are not satisfied yet.</summary>
    Waiting = 1,

    /// <summary>Ready: an attempt is, or is about to be, in the cluster's queue.</summary>
    Queued = 2,

    /// <summary>An attempt holds its nodes; the program has not been reported as started.</summary>
    Starting = 3,
    Running = 4,

    /// <summary>The program completed; its outputs are being published.</summary>
    Publishing = 5,

    /// <summary>A retry waits for its time.</summary>
    Backoff = 6,

    /// <summary>Ready or interrupted, and held back because the simulation is paused.</summary>
    Paused = 7,
    Completed = 10,
    Failed = 11,

    /// <summary>Failed in a way that does not fail the simulation.</summary>
    SoftFailed = 12,

    /// <summary>Never to run, because its dependencies can no longer be satisfied.</summary>
    Skipped = 13,
    Cancelled = 14,
}
