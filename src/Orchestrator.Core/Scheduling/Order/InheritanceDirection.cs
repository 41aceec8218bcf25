namespace Orchestrator.Core.Scheduling.Order;

/// <summary>Along which way of a dependency a class is inherited.</summary>
public enum InheritanceDirection
{
    Absent = 0,

    /// <summary>Nobody inherits.</summary>
    None = 1,

    /// <summary>Who waits inherits from those it waits for: what was urgent goes on urgently.</summary>
    ParentsToChildren = 2,

    /// <summary>Whom others wait for inherits from them: nothing urgent waits for what is not.</summary>
    ChildrenToParents = 3,

    /// <summary>Both.</summary>
    Both = 4,
}
