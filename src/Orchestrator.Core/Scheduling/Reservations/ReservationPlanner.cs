using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Reservations;

/// <summary>Who gets which nodes, when reservations are asked for and as time passes. It decides; whoever calls it stores.</summary>
public static class ReservationPlanner
{
    private const int OffersMax = 3;

    private static readonly ImmutableHashSet<string> Nothing = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Confirms it on the cheapest nodes, or settles its conflict by its strategy; the newer request is the one that gives way where both are equal.</summary>
    /// <param name="asked">Requested; one that is open already may be asked for again.</param>
    /// <param name="problem">Nodes, what runs, and the windows and reservations that are not over.</param>
    /// <param name="settings">For the budget of protection.</param>
    /// <param name="now">The moment of the decision.</param>
    public static ReservationDecision Request(Reservation asked, SchedulingProblem problem, SchedulingSettings settings, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(asked);
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(settings);
        if (ReservationMachine.Problems(asked, problem.Context.Reservations.Where(other => !IsSameOpen(asked, other)), now) is { Count: > 0 } problems)
        {
            return new() { Refusals = [.. problems] };
        }

        var room = new ReservationRoom(problem, settings, now);
        if (room.Choose(asked, Nothing, Nothing) is { } free)
        {
            return new() { Reservation = Confirmed(asked, free, now) };
        }

        var suitable = room.Suitable(asked);
        if (suitable < asked.Wanted.Nodes)
        {
            return Lost(asked, $"{suitable} of the {asked.Wanted.Nodes} nodes that it wants have what it wants until its end", "wanted", [], [], now);
        }

        var windows = room.Windows(asked).OrderBy(static window => window.Id, StringComparer.Ordinal).ToList();
        var others = room.Others(asked).OrderBy(static other => other.Id, StringComparer.Ordinal).ToList();
        var allOthers = Ids(others.Select(static other => other.Id));
        if (room.Choose(asked, allOthers, Nothing) is null)
        {
            return room.Choose(asked, allOthers, Ids(windows.Select(static window => window.Id))) is null
                ? Lost(asked, "work that runs on its nodes does not end, and cannot be stopped at a checkpoint, before its start", "start", [], Offers(asked, problem, room, now), now)
                : AgainstWindows(asked, windows, problem, settings, room, now);
        }

        return AgainstOthers(asked, others, problem, room, now, []);
    }

    /// <summary>An operator's word on a conflict that is open.</summary>
    /// <param name="conflict">Not resolved.</param>
    /// <param name="newer">True: the reservation that was asked for gets the nodes, and those that it collides with give way, even those that are not preemptible.</param>
    /// <param name="by">Who decided.</param>
    /// <param name="problem">With the reservations of the conflict, as far as they are not over.</param>
    /// <param name="settings">For the budget of protection.</param>
    /// <param name="now">The moment of the decision.</param>
    public static ReservationDecision Decide(ReservationConflict conflict, bool newer, string by, SchedulingProblem problem, SchedulingSettings settings, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(conflict);
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(settings);
        if (conflict.Resolved)
        {
            return new() { Refusals = [new() { Field = "conflict", Problem = $"it is resolved: {conflict.Resolution}" }] };
        }

        var asked = problem.Context.Reservations.FirstOrDefault(reservation => reservation.Id == conflict.Reservation && reservation.State == ReservationState.Requested);
        if (asked is null)
        {
            return new() { Conflicts = [Resolve(conflict, $"{conflict.Reservation} is not open any more", now)] };
        }

        if (!newer)
        {
            var lost = ReservationMachine.Step(asked, new ReservationInput.Cancelled(by, "the others keep the nodes"), now).Reservation;
            return new() { Reservation = lost, Conflicts = [Resolve(conflict, $"{lost.Id} is cancelled, decided by {by}", now)] };
        }

        var room = new ReservationRoom(problem, settings, now);
        var others = room.Others(asked).Where(static other => other.Simulation.Length == 0).OrderBy(static other => other.Id, StringComparer.Ordinal).ToList();
        var displaced = Displace(asked, others, room);
        if (displaced is null)
        {
            return new() { Refusals = [new() { Field = "conflict", Problem = $"{asked.Id} does not fit even without the others" }] };
        }

        return new()
        {
            Reservation = Confirmed(asked, room.Choose(asked, Ids(displaced.Select(static other => other.Id)), Nothing)!.Value, now),
            Others = [.. displaced.Select(other => GiveWay(other, asked, now))],
            Conflicts = [Resolve(conflict, $"{asked.Id} gets the nodes, decided by {by}", now)],
        };
    }

    /// <summary>
    /// The reservations that change because time passed, or because nodes of a dynamic one went. One that got other nodes is among them.
    /// </summary>
    public static ImmutableArray<Reservation> Tick(SchedulingProblem problem, SchedulingSettings settings, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(settings);
        var changed = ImmutableArray.CreateBuilder<Reservation>();
        var usable = problem.Nodes.Where(static node => !node.Draining && !node.NotSeen).Select(static node => node.Id).ToHashSet();
        foreach (var before in problem.Context.Reservations.OrderBy(static reservation => reservation.Id, StringComparer.Ordinal))
        {
            var reservation = before;
            if (reservation is { Kind: ReservationKind.Dynamic, Holds: true } && reservation.End > now && reservation.Allocations.Any(share => !usable.Contains(share.Node)))
            {
                // Those that are still there stay: only what went is replaced.
                var stays = reservation.Allocations.Where(share => usable.Contains(share.Node)).ToList();
                var rest = problem with { Nodes = [.. problem.Nodes.Where(node => usable.Contains(node.Id) && !stays.Exists(share => share.Node == node.Id))] };
                var missing = reservation with { Start = reservation.Start > now ? reservation.Start : now, Wanted = reservation.Wanted with { Nodes = reservation.Wanted.Nodes - stays.Count } };
                var instead = missing.Wanted.Nodes < 1 ? null : new ReservationRoom(rest with { Running = Known(rest) }, settings, now).Choose(missing, Nothing, Nothing);
                if (instead is { } found)
                {
                    reservation = ReservationMachine.Step(reservation, new ReservationInput.Reallocated([.. stays.Concat(found).OrderBy(static share => share.Node)]), now).Reservation;
                }
            }

            if (reservation is { State: ReservationState.Active, Simulation.Length: > 0 } && now >= reservation.End && problem.Running.Any(lease => !lease.Ending && RunsIn(lease, reservation)))
            {
                reservation = ReservationMachine.Step(reservation, new ReservationInput.Moved(reservation.Start, now + ProtectedReservations.Overrun), now).Reservation;
            }

            reservation = ReservationMachine.Step(reservation, new ReservationInput.Ticked(), now).Reservation;
            if (!ReferenceEquals(reservation, before))
            {
                changed.Add(reservation);
            }
        }

        return changed.ToImmutable();
    }

    /// <summary>The next moment at which <see cref="Tick"/> changes something although nothing happens; null: none.</summary>
    public static DateTimeOffset? NextChange(IEnumerable<Reservation> reservations, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(reservations);
        DateTimeOffset? next = null;
        foreach (var reservation in reservations)
        {
            DateTimeOffset? at = reservation.State switch
            {
                ReservationState.Confirmed => reservation.Start,
                ReservationState.Active or ReservationState.Requested => reservation.End,
                _ => null,
            };
            if (at is { } then && (next is null || then < next))
            {
                next = then < now ? now : then;
            }
        }

        return next;
    }

    private static bool RunsIn(RunningLease lease, Reservation reservation) =>
        lease.Attempt.Simulation.Value == reservation.Simulation && lease.Shares.Any(share => reservation.Allocations.Any(kept => kept.Node == share.Node));

    private static ImmutableArray<RunningLease> Known(SchedulingProblem problem)
    {
        var nodes = problem.Nodes.Select(static node => node.Id).ToHashSet();
        return [.. problem.Running.Select(lease => lease with { Shares = [.. lease.Shares.Where(share => nodes.Contains(share.Node))] })];
    }

    private static bool IsSameOpen(Reservation asked, Reservation other) => other.Id == asked.Id && other.State == ReservationState.Requested && other.RequestedAt == asked.RequestedAt;

    private static ReservationDecision AgainstWindows(Reservation asked, List<MaintenanceWindow> windows, SchedulingProblem problem, SchedulingSettings settings, ReservationRoom room, DateTimeOffset now)
    {
        // The work of a protected simulation goes on until the window comes, and may delay it.
        var yielding = asked.Simulation.Length > 0 ? windows.FindAll(static window => window.Severity != WindowSeverity.Critical)
            : asked.Priority == PriorityClass.Critical ? windows.FindAll(static window => window.Severity != WindowSeverity.Critical && window.Cancellable && window.Status == WindowStatus.Pending)
            : [];
        var past = Ids(yielding.Select(static window => window.Id));
        var others = room.Others(asked).OrderBy(static other => other.Id, StringComparer.Ordinal).ToList();
        if (yielding.Count == 0 || room.Choose(asked, Ids(others.Select(static other => other.Id)), past) is null)
        {
            var first = windows.OrderByDescending(static window => window.Severity).ThenBy(static window => window.Start).ThenBy(static window => window.Id, StringComparer.Ordinal).First();
            return Lost(
                asked,
                $"the {(first.Severity == WindowSeverity.Critical ? "critical " : "")}maintenance window {first.Id} takes its nodes from {first.Start:u} to {first.End:u}",
                "start",
                [.. windows.Select(window => MaintenanceOverlap.Conflict(asked, window, now, $"the window wins: {asked.Id} is cancelled"))],
                Offers(asked, problem, room, now),
                now);
        }

        var without = problem with { Context = problem.Context with { Windows = problem.Context.Windows.RemoveAll(window => past.Contains(window.Id)) } };
        var decision = Request(asked, without, settings, now);
        if (asked.Simulation.Length > 0 || decision.Reservation?.State != ReservationState.Confirmed)
        {
            return decision;
        }

        // Only those windows that its nodes really need.
        var nodes = decision.Reservation.Allocations;
        var lost = yielding.FindAll(window => nodes.Any(share => window.Covers(share.Node)));
        return decision with
        {
            Windows = [.. lost.Select(window => WindowMachine.Step(window, new WindowInput.Cancelled("", $"it collides with the critical reservation {asked.Id}"), now).Window)],
            Conflicts = [.. decision.Conflicts, .. lost.Select(window => MaintenanceOverlap.Conflict(decision.Reservation, window, now, $"the reservation wins: {window.Id} is cancelled"))],
        };
    }

    private static ReservationDecision AgainstOthers(Reservation asked, List<Reservation> others, SchedulingProblem problem, ReservationRoom room, DateTimeOffset now, ImmutableArray<ReservationOffer> offers)
    {
        var strategy = asked.Strategy == ConflictStrategy.Absent ? ConflictStrategy.PriorityBased : asked.Strategy;
        if (Displace(asked, others.FindAll(other => MayDisplace(asked, other, strategy)), room) is { } displaced)
        {
            return new()
            {
                Reservation = Confirmed(asked, room.Choose(asked, Ids(displaced.Select(static other => other.Id)), Nothing)!.Value, now),
                Others = [.. displaced.Select(other => GiveWay(other, asked, now))],
                Conflicts = [Conflict(asked, displaced, strategy, now) with { Resolved = true, ResolvedAt = now, Resolution = $"{asked.Id} wins" }],
            };
        }

        var conflict = Conflict(asked, others, strategy, now);
        offers = offers.IsEmpty && strategy != ConflictStrategy.AdminDecision ? Offers(asked, problem, room, now) : offers;
        if (strategy is ConflictStrategy.Negotiation or ConflictStrategy.AdminDecision)
        {
            return new() { Reservation = asked, Conflicts = [conflict], Offers = offers };
        }

        return Lost(
            asked,
            $"{string.Join(", ", others.Select(static other => other.Id))} {(others.Count == 1 ? "holds" : "hold")} its nodes, and {(strategy == ConflictStrategy.FirstComeFirstServed ? "came first" : "is not to give way to it")}",
            "priority",
            [conflict with { Resolved = true, ResolvedAt = now, Resolution = $"{asked.Id} is cancelled" }],
            offers,
            now);
    }

    /// <summary>The least that must give way: the lowest classes first, and each of them is really needed. Null: not even all of them are enough.</summary>
    private static List<Reservation>? Displace(Reservation asked, List<Reservation> candidates, ReservationRoom room)
    {
        var ordered = candidates.OrderBy(static other => other.Priority).ThenByDescending(static other => other.RequestedAt).ThenBy(static other => other.Id, StringComparer.Ordinal).ToList();
        var displaced = new List<Reservation>();
        foreach (var other in ordered)
        {
            displaced.Add(other);
            if (room.Choose(asked, Ids(displaced.Select(static one => one.Id)), Nothing) is not null)
            {
                break;
            }
        }

        if (displaced.Count == 0 || room.Choose(asked, Ids(displaced.Select(static one => one.Id)), Nothing) is null)
        {
            return null;
        }

        for (var i = displaced.Count - 1; i >= 0; i--)
        {
            var less = displaced.Where((_, index) => index != i).Select(static one => one.Id);
            if (displaced.Count > 1 && room.Choose(asked, Ids(less), Nothing) is not null)
            {
                displaced.RemoveAt(i);
            }
        }

        return displaced;
    }

    private static bool MayDisplace(Reservation asked, Reservation other, ConflictStrategy strategy)
    {
        if (other.Simulation.Length > 0 || !other.Preemptible)
        {
            return false;
        }

        var isEarlier = asked.RequestedAt < other.RequestedAt;
        return strategy switch
        {
            ConflictStrategy.FirstComeFirstServed => isEarlier && other.State == ReservationState.Confirmed,
            ConflictStrategy.PriorityBased => other.State == ReservationState.Confirmed && (asked.Priority > other.Priority || asked.Priority == other.Priority && isEarlier),
            ConflictStrategy.Preemption => asked.Priority > other.Priority || asked.Priority == other.Priority && isEarlier && other.State == ReservationState.Confirmed,
            _ => false,
        };
    }

    private static Reservation GiveWay(Reservation other, Reservation asked, DateTimeOffset now)
    {
        var reason = $"reservation {asked.Id} takes its nodes";
        return ReservationMachine.Step(other, other.State == ReservationState.Active ? new ReservationInput.Preempted(reason, Forced: true) : new ReservationInput.Cancelled("", reason), now).Reservation;
    }

    private static Reservation Confirmed(Reservation asked, ImmutableArray<NodeShare> shares, DateTimeOffset now) =>
        ReservationMachine.Step(asked, new ReservationInput.Confirmed(shares), now).Reservation;

    private static ReservationDecision Lost(Reservation asked, string problem, string field, ImmutableArray<ReservationConflict> conflicts, ImmutableArray<ReservationOffer> offers, DateTimeOffset now) => new()
    {
        Reservation = ReservationMachine.Step(asked, new ReservationInput.Cancelled("", problem), now).Reservation,
        Conflicts = conflicts,
        Offers = offers,
        Refusals = [new() { Field = field, Problem = problem }],
    };

    private static ReservationConflict Conflict(Reservation asked, List<Reservation> others, ConflictStrategy strategy, DateTimeOffset now) => new()
    {
        Id = MaintenanceOverlap.Name(asked.Id, others[0].Id, now),
        Kind = ConflictKind.ReservationOverlap,
        Reservation = asked.Id,
        With = [.. others.Select(static other => other.Id)],
        Nodes = [.. others.SelectMany(static other => other.Allocations).Select(static share => share.Node).Distinct().Order()],
        From = Latest(asked.Start, others.Min(static other => other.Start)),
        Until = Earliest(asked.End, others.Max(static other => other.End)),
        Strategy = strategy,
        DetectedAt = now,
        Details = string.Create(CultureInfo.InvariantCulture, $"{asked.Id} ({asked.Priority}, asked for at {asked.RequestedAt:u}) collides with ")
            + string.Join(", ", others.Select(static other => string.Create(CultureInfo.InvariantCulture, $"{other.Id} ({other.Priority}, {other.State}, asked for at {other.RequestedAt:u})"))),
    };

    private static ReservationConflict Resolve(ReservationConflict conflict, string resolution, DateTimeOffset now) =>
        conflict with { Resolved = true, ResolvedAt = now, Resolution = resolution };

    /// <summary>Free nodes at the time asked for, if some are, then the nearest times at which it fits: those at which something begins or ends.</summary>
    private static ImmutableArray<ReservationOffer> Offers(Reservation asked, SchedulingProblem problem, ReservationRoom room, DateTimeOffset now)
    {
        var offers = ImmutableArray.CreateBuilder<ReservationOffer>();
        if (room.Possible(asked, Nothing, Nothing) is { IsEmpty: false } nodes)
        {
            offers.Add(new() { Start = asked.Start, End = asked.End, Nodes = nodes });
        }

        var duration = asked.End - asked.Start;
        var starts = new HashSet<DateTimeOffset>();
        foreach (var reservation in problem.Context.Reservations.Where(static reservation => reservation.Holds))
        {
            starts.Add(reservation.End);
            starts.Add(reservation.Start - duration);
        }

        foreach (var window in problem.Context.Windows.Where(static window => !window.IsOver))
        {
            starts.Add(window.EndBy(now));
            starts.Add(window.Start - duration);
        }

        foreach (var lease in problem.Running)
        {
            if ((lease.StopBy ?? lease.EndsBy) is { } end)
            {
                starts.Add(end);
            }
        }

        foreach (var start in starts.Where(start => start >= now).OrderBy(start => (start - asked.Start).Duration()).ThenBy(static start => start))
        {
            if (offers.Count > OffersMax)
            {
                break;
            }

            var moved = asked with { Start = start, End = start + duration };
            if (room.Choose(moved, Nothing, Nothing) is { } shares)
            {
                offers.Add(new() { Start = start, End = start + duration, Nodes = [.. shares.Select(static share => share.Node)] });
            }
        }

        return offers.ToImmutable();
    }

    private static ImmutableHashSet<string> Ids(IEnumerable<string> ids) => [.. ids];

    private static DateTimeOffset Latest(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset Earliest(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
