namespace Orchestrator.Core.Scheduling.Order;

/// <summary>Who set a priority; each goes before those under it.</summary>
public enum PrioritySource
{
    Absent = 0,

    /// <summary>An operator or the owner: <see cref="PendingRequest.PriorityOverride"/>.</summary>
    Override = 1,

    /// <summary>The site's hook.</summary>
    Hook = 2,

    /// <summary>The factors.</summary>
    Computed = 3,

    /// <summary>The factors made the place, and the share of its scenario gave it that place of its scenario set.</summary>
    Share = 4,
}
