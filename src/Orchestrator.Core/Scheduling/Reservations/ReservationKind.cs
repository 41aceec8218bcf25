namespace Orchestrator.Core.Scheduling.Reservations;

/// <summary>What a reservation takes of its nodes.</summary>
[GenerateSerializer, Alias("orchestrator.reservation-kind")]
public enum ReservationKind
{
    Absent = 0,

    /// <summary>Whole nodes.</summary>
    Exclusive = 1,

    /// <summary>Whole nodes, which work outside of it may use while it ends, or can be stopped, in time.</summary>
    Shared = 2,

    /// <summary>So much of each node.</summary>
    Partial = 3,

    /// <summary>So many nodes of those that satisfy it, chosen anew when nodes go.</summary>
    Dynamic = 4,
}
