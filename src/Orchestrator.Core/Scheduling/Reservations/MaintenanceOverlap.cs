using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Reservations;

/// <summary>
/// Windows against reservations on their nodes.
/// <code>
/// critical window                               the window wins: reservations are cancelled, those of protected simulations too
/// reservation of a protected simulation         it stays, and goes with its work, which may delay the window by a bounded time
/// cancellable window, critical reservation      the window is cancelled
/// a class that makes way for the severity       the reservation is preempted
/// any other that is not active yet              the reservation is cancelled
/// any other that is active                      it stays, and the window waits for its work
/// </code>
/// </summary>
public static class MaintenanceOverlap
{
    /// <summary>What becomes of both. Reservations that do not change are not listed.</summary>
    public static (MaintenanceWindow Window, ImmutableArray<Reservation> Reservations, ImmutableArray<ReservationConflict> Conflicts) Resolve(
        MaintenanceWindow window, IEnumerable<Reservation> reservations, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(window);
        ArgumentNullException.ThrowIfNull(reservations);
        var overlapping = reservations.Where(reservation => reservation.Holds && ReservationMachine.Overlaps(reservation, window.Start, window.EndBy(now)) && NodesOf(reservation, window).Length > 0).ToList();
        if (window.Severity != WindowSeverity.Critical && window.Cancellable && overlapping.Find(static reservation => reservation.Priority == PriorityClass.Critical && reservation.Simulation.Length == 0) is { } winner)
        {
            var reason = $"it collides with the critical reservation {winner.Id}";
            return (WindowMachine.Step(window, new WindowInput.Cancelled("", reason), now).Window, [], [Conflict(winner, window, now, $"the reservation wins: {window.Id} is cancelled")]);
        }

        var changed = ImmutableArray.CreateBuilder<Reservation>();
        var conflicts = ImmutableArray.CreateBuilder<ReservationConflict>();
        foreach (var reservation in overlapping)
        {
            var (input, resolution) = Decide(window, reservation);
            if (input is not null)
            {
                changed.Add(ReservationMachine.Step(reservation, input, now).Reservation);
                conflicts.Add(Conflict(reservation, window, now, resolution));
            }
        }

        return (window, changed.ToImmutable(), conflicts.ToImmutable());
    }

    internal static ReservationConflict Conflict(Reservation reservation, MaintenanceWindow window, DateTimeOffset now, string resolution) => new()
    {
        Id = Name(reservation.Id, window.Id, now),
        Kind = ConflictKind.MaintenanceOverlap,
        Reservation = reservation.Id,
        With = [window.Id],
        Nodes = NodesOf(reservation, window),
        From = reservation.Start > window.Start ? reservation.Start : window.Start,
        Until = reservation.End < window.End ? reservation.End : window.End,
        Strategy = reservation.Strategy == ConflictStrategy.Absent ? ConflictStrategy.PriorityBased : reservation.Strategy,
        DetectedAt = now,
        Details = $"reservation {reservation.Id} ({Words(reservation.Priority)}) and {Words(window.Severity)} window {window.Id} want the same nodes",
        Resolved = true,
        ResolvedAt = now,
        Resolution = resolution,
    };

    internal static string Name(string reservation, string other, DateTimeOffset now) => string.Create(CultureInfo.InvariantCulture, $"{reservation}/{other}/{now.UtcDateTime:yyyyMMdd'T'HHmmss}");

    private static (ReservationInput? Input, string Resolution) Decide(MaintenanceWindow window, Reservation reservation)
    {
        var reason = $"maintenance: the {Words(window.Severity)} window {window.Id}";
        if (window.Severity == WindowSeverity.Critical)
        {
            return (new ReservationInput.Cancelled("", reason), $"the window wins: {reservation.Id} is cancelled");
        }

        if (reservation.Simulation.Length > 0)
        {
            return (null, "");
        }

        if (WindowRules.Preempts(window.Severity, reservation.Priority))
        {
            return (new ReservationInput.Preempted(reason, Forced: true), $"the window wins: {reservation.Id} is preempted");
        }

        return reservation.State == ReservationState.Active ? (null, "") : (new ReservationInput.Cancelled("", reason), $"the window wins: {reservation.Id} is cancelled");
    }

    private static ImmutableArray<NodeId> NodesOf(Reservation reservation, MaintenanceWindow window) => [.. reservation.Allocations.Select(static share => share.Node).Where(window.Covers).Order()];

    private static string Words(WindowSeverity severity) => severity switch
    {
        WindowSeverity.Critical => "critical",
        WindowSeverity.Major => "major",
        _ => "minor",
    };

    private static string Words(PriorityClass priority) => priority switch
    {
        PriorityClass.Critical => "critical",
        PriorityClass.High => "high",
        PriorityClass.Low => "low",
        PriorityClass.Background => "background",
        _ => "medium",
    };
}
