namespace Orchestrator.Core.Scheduling.Reservations;

/// <summary>What a reservation collides with.</summary>
[GenerateSerializer, Alias("orchestrator.conflict-kind")]
public enum ConflictKind
{
    Absent = 0,

    /// <summary>Other reservations.</summary>
    ReservationOverlap = 1,

    /// <summary>Maintenance windows.</summary>
    MaintenanceOverlap = 2,

    /// <summary>Work that runs on, or nodes that there are too few of.</summary>
    Capacity = 3,
}
