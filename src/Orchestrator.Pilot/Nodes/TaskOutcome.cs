namespace Orchestrator.Pilot.Nodes;

/// <summary>How an attempt ended. The numbers are stored.</summary>
internal enum TaskOutcome
{
    Absent = 0,
    Completed = 1,

    /// <summary>Exited with another status than 0, or by a signal.</summary>
    Failed = 2,

    TimedOut = 3,

    /// <summary>Its program or its folder is not there, or cannot be used.</summary>
    NotStarted = 4,

    /// <summary>Never ran: a task that it waits for failed.</summary>
    Skipped = 5,

    /// <summary>Ended by the pilot, to run again later. Not stored.</summary>
    Returned = 6,

    /// <summary>No end: what was failed or skipped begins anew, and nothing before counts.</summary>
    Anew = 7,
}
