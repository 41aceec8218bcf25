using System.Collections.Immutable;
using System.Diagnostics;

namespace Orchestrator.Core.Scheduling.Reservations;

/// <summary>
/// The life of one reservation.
/// <code>
/// Requested --nodes--> Confirmed --start--> Active --end, or done--> Completed
///     |                    |                   |
///     +----cancelled-------+-----cancelled-----+--> Cancelled
///                          +-----preempted-----+--> Preempted
/// </code>
/// </summary>
public static class ReservationMachine
{
    /// <summary>All that keeps it from being requested; empty: nothing.</summary>
    /// <param name="reservation">As it is asked for.</param>
    /// <param name="existing">The cluster's reservations.</param>
    /// <param name="now">One that is over already is refused.</param>
    public static IReadOnlyList<ArrangementRefusal> Problems(Reservation reservation, IEnumerable<Reservation> existing, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(reservation);
        ArgumentNullException.ThrowIfNull(existing);
        var problems = new List<ArrangementRefusal>();
        var wanted = reservation.Wanted;
        Check(ArrangementName.Explain(reservation.Id) is not null, "id", ArrangementName.Explain(reservation.Id) ?? "");
        Check(existing.Any(other => other.Id == reservation.Id), "id", $"there is a reservation \"{reservation.Id}\" already; choose another name");
        Check(reservation.Kind is < ReservationKind.Exclusive or > ReservationKind.Dynamic, "kind", "exclusive, shared, partial or dynamic");
        Check(reservation.Strategy is < ConflictStrategy.Absent or > ConflictStrategy.AdminDecision, "strategy",
            "first_come_first_served, priority_based, preemption, negotiation or admin_decision");
        Check(reservation.State != ReservationState.Requested, "state", "a new reservation is requested");
        Check(reservation.End <= reservation.Start, "end", $"{reservation.End:u} is not after the start, {reservation.Start:u}");
        Check(reservation.End > reservation.Start && reservation.End <= now, "end", $"{reservation.End:u} is over already; now it is {now:u}");
        Check(wanted.Nodes < 1, "wanted.nodes", $"{wanted.Nodes} nodes; at least 1");
        Check(wanted.RanksPerNode < 1 || wanted.Threads < 1, "wanted.cores", "at least 1 on each node");
        Check(wanted.MemoryPerNode < 0 || wanted.StoragePerNode < 0 || wanted.NetworkPerNode < 0 || wanted.GpuMemory < 0, "wanted.memory", "memory, storage and network are not negative");
        Check(wanted.GpusPerNode < 0 || wanted.GpuThousandths is < 1 or > 1000, "wanted.gpus", "GPUs are not negative, and parts of them 1 to 1000 thousandths");
        Check(!wanted.Licences.IsEmpty, "wanted.licences", "a reservation keeps nodes and no licences");
        return problems;

        void Check(bool wrong, string field, string problem)
        {
            if (wrong)
            {
                problems.Add(new() { Field = field, Problem = problem });
            }
        }
    }

    /// <summary>The reservation after the input.</summary>
    public static ReservationStep Step(Reservation reservation, ReservationInput input, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(reservation);
        return (reservation.State, input) switch
        {
            (ReservationState.Absent, _) => throw new InvalidTransitionException("reservation", reservation.State.ToString(), input.GetType().Name),

            (ReservationState.Requested, ReservationInput.Confirmed confirmed) => Confirm(reservation, confirmed.Allocations, now),
            (ReservationState.Confirmed, ReservationInput.Confirmed confirmed) when Same(reservation.Allocations, confirmed.Allocations) => new(reservation),
            (_, ReservationInput.Confirmed) => Refused(reservation, "only a requested one can be confirmed"),

            (ReservationState.Confirmed, ReservationInput.Activated) => Activate(reservation, now),
            (ReservationState.Active, ReservationInput.Activated) => new(reservation),
            (_, ReservationInput.Activated) => Refused(reservation, "only a confirmed one can be activated"),

            (ReservationState.Active, ReservationInput.Completed) => new(reservation with { State = ReservationState.Completed, EndedAt = now }),
            (_, ReservationInput.Completed) => Refused(reservation, "only an active one can be completed"),

            (ReservationState.Requested or ReservationState.Confirmed or ReservationState.Active, ReservationInput.Cancelled cancelled) =>
                new(reservation with { State = ReservationState.Cancelled, EndedAt = now, Reason = cancelled.By.Length == 0 ? cancelled.Reason : $"{cancelled.Reason} ({cancelled.By})" }),
            (_, ReservationInput.Cancelled) => Refused(reservation, "only a requested, confirmed or active one can be cancelled"),

            (ReservationState.Confirmed or ReservationState.Active, ReservationInput.Preempted preempted) => reservation.Preemptible || preempted.Forced
                ? new(reservation with { State = ReservationState.Preempted, EndedAt = now, Reason = preempted.Reason })
                : new(reservation, new() { Field = "preemptible", Problem = "the reservation was made as one that is not preempted" }),
            (_, ReservationInput.Preempted) => Refused(reservation, "only a confirmed or active one can be preempted"),

            (ReservationState.Confirmed or ReservationState.Active, ReservationInput.Reallocated moved) => moved.Allocations.IsEmpty
                ? new(reservation, NoNodes)
                : new(Same(reservation.Allocations, moved.Allocations) ? reservation : reservation with { Allocations = moved.Allocations }),
            (_, ReservationInput.Reallocated) => Refused(reservation, "only a confirmed or active one holds nodes"),

            (ReservationState.Requested, ReservationInput.Moved moved) => Move(reservation, moved.Start, moved.End, now),
            (ReservationState.Confirmed or ReservationState.Active, ReservationInput.Moved moved) when moved.Start == reservation.Start => Move(reservation, moved.Start, moved.End, now),
            (_, ReservationInput.Moved) => Refused(reservation, "only a requested one can be moved, and a confirmed or active one get another end"),

            (ReservationState.Requested, ReservationInput.Ticked) => new(now < reservation.End
                ? reservation
                : reservation with { State = ReservationState.Cancelled, EndedAt = reservation.End, Reason = "it was not confirmed before its end" }),
            (ReservationState.Confirmed, ReservationInput.Ticked) => new(now < reservation.Start
                ? reservation
                : EndInTime(reservation with { State = ReservationState.Active, ActivatedAt = reservation.ConfirmedAt > reservation.Start ? reservation.ConfirmedAt : reservation.Start }, now)),
            (ReservationState.Active, ReservationInput.Ticked) => new(EndInTime(reservation, now)),
            (_, ReservationInput.Ticked) => new(reservation),

            _ => throw new UnreachableException($"A reservation cannot take {input}."),
        };
    }

    /// <summary>Those that are in use: exactly the active ones.</summary>
    public static IEnumerable<Reservation> Active(IEnumerable<Reservation> reservations) => reservations.Where(static reservation => reservation.State == ReservationState.Active);

    /// <summary>Both take something of one node at the same time.</summary>
    public static bool Overlaps(Reservation one, DateTimeOffset from, DateTimeOffset until)
    {
        ArgumentNullException.ThrowIfNull(one);
        return one.Start < until && from < one.End;
    }

    private static ArrangementRefusal NoNodes => new() { Field = "allocations", Problem = "there are none; at least one node is needed" };

    private static ReservationStep Confirm(Reservation reservation, ImmutableArray<NodeShare> allocations, DateTimeOffset now) =>
        allocations.IsEmpty ? new(reservation, NoNodes)
        : now >= reservation.End ? new(reservation, new() { Field = "end", Problem = $"{reservation.End:u} is over already; now it is {now:u}" })
        : new(reservation with { State = ReservationState.Confirmed, ConfirmedAt = now, Allocations = allocations });

    private static ReservationStep Activate(Reservation reservation, DateTimeOffset now) =>
        now < reservation.Start ? new(reservation, new() { Field = "start", Problem = $"{reservation.Start:u} is not yet come; now it is {now:u}" })
        : now >= reservation.End ? new(reservation, new() { Field = "end", Problem = $"{reservation.End:u} is over already; now it is {now:u}" })
        : new(reservation with { State = ReservationState.Active, ActivatedAt = now });

    private static ReservationStep Move(Reservation reservation, DateTimeOffset start, DateTimeOffset end, DateTimeOffset now) =>
        end <= start || end <= now ? new(reservation, new() { Field = "end", Problem = $"{end:u} is not after the start, {start:u}, and now, {now:u}" })
        : new(start == reservation.Start && end == reservation.End ? reservation : reservation with { Start = start, End = end });

    private static Reservation EndInTime(Reservation reservation, DateTimeOffset now) =>
        now < reservation.End ? reservation : reservation with { State = ReservationState.Completed, EndedAt = reservation.End };

    /// <summary>The same nodes with the same parts of them.</summary>
    private static bool Same(ImmutableArray<NodeShare> one, ImmutableArray<NodeShare> other)
    {
        if (one.Length != other.Length)
        {
            return false;
        }

        for (var i = 0; i < one.Length; i++)
        {
            var (left, right) = (one[i], other[i]);
            if (left.Node != right.Node || left.Memory != right.Memory || left.Exclusive != right.Exclusive || left.GpuThousandths != right.GpuThousandths
                || !left.Cores.AsSpan().SequenceEqual(right.Cores.AsSpan()) || !left.Gpus.AsSpan().SequenceEqual(right.Gpus.AsSpan()))
            {
                return false;
            }
        }

        return true;
    }

    private static ReservationStep Refused(Reservation reservation, string allowed)
    {
        var state = reservation.State switch
        {
            ReservationState.Requested => "requested",
            ReservationState.Confirmed => "confirmed",
            ReservationState.Active => "active",
            ReservationState.Completed => "completed",
            ReservationState.Cancelled => "cancelled",
            _ => "preempted",
        };
        return new(reservation, new() { Field = "state", Problem = $"it is {state}; {allowed}" });
    }
}
