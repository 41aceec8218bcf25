using System.Collections.Immutable;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Scheduling.Reservations;

/// <summary>What follows from asking for a reservation, or from an operator's word on a conflict: all of it is stored together.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.reservation-decision")]
public sealed record ReservationDecision
{
    /// <summary>
    /// The one that was asked for: confirmed; requested, while its conflict is open; or cancelled, when others won. Null: it was refused as malformed.
    /// </summary>
    [Id(0)] public Reservation? Reservation { get; init; }

    /// <summary>Other reservations that change, after the change.</summary>
    [Id(1)] public ImmutableArray<Reservation> Others { get; init; } = [];

    /// <summary>Windows that change, after the change.</summary>
    [Id(2)] public ImmutableArray<MaintenanceWindow> Windows { get; init; } = [];

    /// <summary>New conflicts, and older ones that were resolved.</summary>
    [Id(3)] public ImmutableArray<ReservationConflict> Conflicts { get; init; } = [];

    /// <summary>When and where it would fit, the nearest first; the nodes of the first are those free at the time asked for, where there are some.</summary>
    [Id(4)] public ImmutableArray<ReservationOffer> Offers { get; init; } = [];

    /// <summary>Why it did not get what it asked for; empty: it did, or its conflict is open.</summary>
    [Id(5)] public ImmutableArray<ArrangementRefusal> Refusals { get; init; } = [];
}
