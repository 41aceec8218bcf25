namespace Orchestrator.Core.Scheduling.Reservations;

/// <summary>The life of a reservation: requested, confirmed, active, completed; or cancelled, or preempted.</summary>
[GenerateSerializer, Alias("orchestrator.reservation-state")]
public enum ReservationState
{
    Absent = 0,
    Requested = 1,
    Confirmed = 2,
    Active = 3,
    Completed = 4,
    Cancelled = 5,
    Preempted = 6,
}
