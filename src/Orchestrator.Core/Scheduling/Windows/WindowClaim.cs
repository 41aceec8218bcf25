namespace Orchestrator.Core.Scheduling.Windows;

/// <summary>What running work may do when a window comes.</summary>
public enum WindowClaim
{
    Absent = 0,

    /// <summary>It is gone before the start.</summary>
    Leaves = 1,

    /// <summary>It may delay the start by a bounded time, and leaves sooner where little is lost.</summary>
    MayDelay = 2,

    /// <summary>It stays until it ends.</summary>
    Stays = 3,
}
