namespace Orchestrator.Pilot;

/// <summary>What the pilot prints while it runs.</summary>
internal enum LineMode
{
    Absent = 0,

    /// <summary>Two lines for each task where there are few; progress and failures where there are many.</summary>
    Auto = 1,

    /// <summary>Two lines for each task.</summary>
    All = 2,

    /// <summary>The last line only.</summary>
    Quiet = 3,
}
