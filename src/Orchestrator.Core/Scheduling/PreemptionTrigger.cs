namespace Orchestrator.Core.Scheduling;

/// <summary>Why running work is asked to make way.</summary>
[GenerateSerializer, Alias("orchestrator.preemption-trigger")]
public enum PreemptionTrigger
{
    Absent = 0,
    HigherPriority = 1,
    Maintenance = 2,
    ResourceShortage = 3,

    /// <summary>An account claims its guarantee back.</summary>
    Fairness = 4,
    Admin = 5,
    Deadline = 6,

    /// <summary>A reservation begins.</summary>
    Reservation = 7,
}
