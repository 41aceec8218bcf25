namespace Orchestrator.Core.Simulations;

/// <summary>Why an attempt, which is a segment of its stage, ended. Only <see cref="Failed"/> and <see cref="LaunchRefused"/> use a retry.</summary>
[GenerateSerializer, Alias("orchestrator.attempt-end")]
public enum AttemptEnd
{
    Absent = 0,

    /// <summary>The stage is complete and its outputs are published.</summary>
    Completed = 1,
    Failed = 2,

    /// <summary>The agent could not start the program: a missing directory, an unknown command, a launcher that is not there.</summary>
    LaunchRefused = 3,

    /// <summary>A node of the attempt was seen dead, or was not seen for a detection window.</summary>
    NodeLost = 4,

    /// <summary>The program left by itself with a checkpoint (exit status 85).</summary>
    Continued = 5,

    /// <summary>The segment's walltime ended.</summary>
    Walltime = 6,

    /// <summary>A node of the attempt is being drained.</summary>
    Drained = 7,

    /// <summary>Something of higher priority took the nodes.</summary>
    Preempted = 8,
    Paused = 9,
    Cancelled = 10,

    /// <summary>Withdrawn from the queue before it got nodes.</summary>
    Withdrawn = 11,

    /// <summary>Its nodes were needed for maintenance.</summary>
    Maintenance = 12,
}
