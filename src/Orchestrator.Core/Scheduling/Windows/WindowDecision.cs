using System.Collections.Immutable;
using Orchestrator.Core.Scheduling.Reservations;

namespace Orchestrator.Core.Scheduling.Windows;

/// <summary>What follows from adding windows: all of it is stored together.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.window-decision")]
public sealed record WindowDecision
{
    /// <summary>As they are added; one that lost against a critical reservation is cancelled. Empty: refused.</summary>
    [Id(0)] public ImmutableArray<MaintenanceWindow> Windows { get; init; } = [];

    /// <summary>Reservations that change, after the change.</summary>
    [Id(1)] public ImmutableArray<Reservation> Reservations { get; init; } = [];

    /// <summary>What collided, all resolved.</summary>
    [Id(2)] public ImmutableArray<ReservationConflict> Conflicts { get; init; } = [];

    /// <summary>All that is wrong; empty: they are added.</summary>
    [Id(3)] public ImmutableArray<ArrangementRefusal> Refusals { get; init; } = [];
}
