namespace Orchestrator.Core.Scheduling.Reservations;

/// <summary>Who wins when reservations want the same nodes at the same time.</summary>
[GenerateSerializer, Alias("orchestrator.conflict-strategy")]
public enum ConflictStrategy
{
    Absent = 0,

    /// <summary>The earlier request; the newer is cancelled.</summary>
    FirstComeFirstServed = 1,

    /// <summary>The higher class, of equal ones the earlier request. What is active already is not displaced.</summary>
    PriorityBased = 2,

    /// <summary>The higher class, and an active one of a lower class is preempted.</summary>
    Preemption = 3,

    /// <summary>Nobody is displaced: the newer stays open, with the nearest times and nodes at which it would fit, until one is taken.</summary>
    Negotiation = 4,

    /// <summary>It stays open until an operator decides.</summary>
    AdminDecision = 5,
}
