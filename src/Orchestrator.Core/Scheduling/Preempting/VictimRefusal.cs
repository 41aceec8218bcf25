namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>Why a running attempt is not asked to make way.</summary>
public enum VictimRefusal
{
    /// <summary>Nothing is against it.</summary>
    Absent = 0,

    /// <summary>It is protected (invariant 7).</summary>
    Protected = 1,

    /// <summary>Its owner lets nobody have it make way.</summary>
    NotPreemptible = 2,

    /// <summary>It was asked already, or is over.</summary>
    Leaving = 3,

    /// <summary>It has not had its guaranteed quantum.</summary>
    Quantum = 4,

    /// <summary>Its simulation was preempted a short while ago.</summary>
    Cooldown = 5,

    /// <summary>Its simulation was preempted as often today as its class may be.</summary>
    Cap = 6,

    /// <summary>Its class is not low enough.</summary>
    Class = 7,

    /// <summary>Others made way for it, and who asks is not of a higher class.</summary>
    Thrash = 8,
}
