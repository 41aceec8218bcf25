namespace Orchestrator.Core.Scheduling.Windows;

/// <summary>How much a maintenance window may disturb.</summary>
[GenerateSerializer, Alias("orchestrator.window-severity")]
public enum WindowSeverity
{
    Absent = 0,

    /// <summary>Nothing new that would run into it; background work makes way.</summary>
    Minor = 1,

    /// <summary>Low and background work makes way; protected work may delay it by a bounded time.</summary>
    Major = 2,

    /// <summary>Everything makes way, protected work too.</summary>
    Critical = 3,
}
