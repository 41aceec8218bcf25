namespace Orchestrator.Core.Scheduling.Windows;

/// <summary>Where a maintenance window stands.</summary>
[GenerateSerializer, Alias("orchestrator.window-status")]
public enum WindowStatus
{
    Absent = 0,
    Pending = 1,

    /// <summary>Its start has come, and work that may delay it still runs on its nodes.</summary>
    Blocked = 2,
    Active = 3,
    Completed = 4,
    Cancelled = 5,
}
