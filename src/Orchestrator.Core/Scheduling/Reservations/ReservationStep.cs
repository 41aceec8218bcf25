namespace Orchestrator.Core.Scheduling.Reservations;

/// <summary>A reservation after an input: the same instance when nothing changed.</summary>
/// <param name="Reservation">After the input.</param>
/// <param name="Refusal">Why nothing changed, when it was asked for; null: it was done, or was so already.</param>
public readonly record struct ReservationStep(Reservation Reservation, ArrangementRefusal? Refusal = null);
