namespace Orchestrator.Core.Scheduling.Order;

/// <summary>In which order waiting attempts are considered.</summary>
public enum QueuePolicy
{
    Absent = 0,

    /// <summary>By arrival alone.</summary>
    Fifo = 1,

    /// <summary>By class, then arrival.</summary>
    Priority = 2,

    /// <summary>By fair share, then arrival.</summary>
    Fair = 3,

    /// <summary>The earliest deadline first; those without one last, by arrival.</summary>
    Deadline = 4,

    /// <summary>By the weighted sum of all factors.</summary>
    Weighted = 5,
}
