namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>What came of trying to start one that waits.</summary>
internal enum TryVerdict
{
    Absent = 0,
    Started = 1,

    /// <summary>There is no room for it now.</summary>
    NoRoom = 2,

    /// <summary>A rule beside room keeps it back: it keeps no place and keeps nobody back.</summary>
    Refused = 3,

    /// <summary>There is no room even in the empty machine: it keeps nobody back.</summary>
    NeverFits = 4,
}
