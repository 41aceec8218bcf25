namespace Orchestrator.Core.Scheduling.Backfill;

/// <summary>Who may overtake whom.</summary>
public enum BackfillKind
{
    Absent = 0,

    /// <summary>Nobody: what waits keeps back all behind it.</summary>
    None = 1,

    /// <summary>The first in the queue keeps its place in time (EASY); others start in the order of the queue if they do not delay it.</summary>
    Easy = 2,

    /// <summary>EASY, in which the shortest of the others is tried first.</summary>
    EasyShortestFirst = 3,

    /// <summary>Everybody keeps a place in time.</summary>
    Conservative = 4,

    /// <summary>As many as <see cref="BackfillSettings.Reservations"/> keep a place in time.</summary>
    Depth = 5,
}
