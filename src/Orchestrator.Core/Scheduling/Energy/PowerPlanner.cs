using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling.Energy;

/// <summary>
/// Switches nodes on for those that wait, in every mode, as early as they need to be on; and, in efficiency and night savings, switches off nodes that were idle for
/// <see cref="EnergySettings.OffAfter"/>, the worst rated first, but those that the queue or a reservation needs before the switch has paid off, and
/// <see cref="EnergySettings.KeepOn"/> more. Never a node that anything runs or starts on, that drains, or that is not seen; nor one of which no figures of power are known.
/// </summary>
public sealed class PowerPlanner : IPowerPlanner, IChangesByItself
{
    /// <inheritdoc/>
    public ImmutableArray<PowerOrder> Orders(ISchedulingView view, SchedulingPlan plan, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(plan);
        var offAfter = OffAfter(view, now);
        if (offAfter is null && !AnyIsOff(view))
        {
            return [];
        }

        var pool = new PowerPool(view, plan);
        NeedForReservations(view, pool, now);
        NeedForWaiting(view, plan, pool, now);
        var orders = ImmutableArray.CreateBuilder<PowerOrder>();
        foreach (var node in pool.ToSwitchOn)
        {
            orders.Add(new() { Node = node.Node.Id, On = true, Reason = $"needed for {node.NeededFor}" });
        }

        if (offAfter is { } idle)
        {
            SwitchOff(pool, idle, view.Settings.Energy.KeepOn, now, orders);
        }

        orders.Sort(static (left, right) => left.Node.CompareTo(right.Node));
        return orders.ToImmutable();
    }

    /// <inheritdoc/>
    public DateTimeOffset? NextChange(ISchedulingView view, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(view);
        DateTimeOffset? next = null;
        if (OffAfter(view, now) is { } offAfter)
        {
            foreach (var node in view.Nodes)
            {
                if (node is { PowerState: PowerState.On, IdleSince: { } since } && CanBeOff(node))
                {
                    Note(since + offAfter);
                }
            }
        }

        if (!AnyIsOff(view))
        {
            return next;
        }

        if (OnAfter(view, now) is { Ticks: > 0 } patience)
        {
            foreach (var request in view.Pending)
            {
                Note(request.QueuedSince + patience);
            }
        }

        var slowest = TimeSpan.Zero;
        foreach (var node in view.Nodes)
        {
            slowest = node is { PowerState: PowerState.Off, Power: { } power } && power.SwitchOnTime > slowest ? power.SwitchOnTime : slowest;
        }

        foreach (var reservation in view.Context.Reservations)
        {
            Note(reservation.Holds ? reservation.Start - slowest : now);
        }

        return next;

        void Note(DateTimeOffset moment)
        {
            if (moment > now && (next is null || moment < next))
            {
                next = moment;
            }
        }
    }

    /// <summary>How long the node has to be off until it saves more than switching it off and on costs; never shorter than both switches.</summary>
    internal static TimeSpan BreakEven(SchedulableNode node)
    {
        if (node.Power is not { } power || power.Idle <= power.Off)
        {
            return TimeSpan.MaxValue;
        }

        var switching = power.SwitchOnTime + power.SwitchOffTime;
        var seconds = (power.SwitchOnEnergy + power.SwitchOffEnergy - power.Off * switching.TotalSeconds) / (power.Idle - power.Off);
        return seconds >= TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.MaxValue
            : TimeSpan.FromSeconds(Math.Max(seconds, switching.TotalSeconds));
    }

    private static bool CanBeOff(SchedulableNode node) => node.Power is { } power && power.Off < power.Idle;

    private static TimeSpan? OffAfter(ISchedulingView view, DateTimeOffset now) =>
        view.Settings.Energy.OffAfter is { } after && EnergyModes.InForce(view, now) is EnergyMode.Efficiency or EnergyMode.NightSavings ? after : null;

    private static TimeSpan OnAfter(ISchedulingView view, DateTimeOffset now) =>
        EnergyModes.InForce(view, now) is EnergyMode.Efficiency or EnergyMode.NightSavings ? view.Settings.Energy.OnAfter : TimeSpan.Zero;

    private static bool AnyIsOff(ISchedulingView view)
    {
        foreach (var node in view.Nodes)
        {
            if (node.PowerState == PowerState.Off)
            {
                return true;
            }
        }

        return false;
    }

    private static void NeedForReservations(ISchedulingView view, PowerPool pool, DateTimeOffset now)
    {
        foreach (var reservation in view.Context.Reservations)
        {
            if (reservation.Holds)
            {
                foreach (var share in reservation.Allocations)
                {
                    pool.Need(share.Node, reservation.Start, now, $"reservation {reservation.Id}");
                }
            }
        }
    }

    /// <summary>
    /// Those with a place in time use its nodes, and those that wait for room, in the order of the plan, share what is idle and what is off; the first that both together cannot hold
    /// gets what there is of it. Without the patience they keep what is on, and nothing is switched on for them.
    /// </summary>
    private static void NeedForWaiting(ISchedulingView view, SchedulingPlan plan, PowerPool pool, DateTimeOffset now)
    {
        var requests = view.Pending.ToDictionary(static request => request.Attempt);
        var patience = OnAfter(view, now);
        var placed = new HashSet<AttemptId>(plan.Places.Length);
        foreach (var place in plan.Places)
        {
            placed.Add(place.Attempt);
            var patient = requests.TryGetValue(place.Attempt, out var request) && now - request.QueuedSince < patience;
            foreach (var node in place.Nodes)
            {
                if (!patient || !pool.IsOff(node))
                {
                    pool.Need(node, place.Start, now, place.Attempt.ToString());
                }
            }
        }

        var partly = false;
        foreach (var waiting in plan.Waiting)
        {
            if (pool.IsExhausted)
            {
                break;
            }

            if (!placed.Contains(waiting.Attempt) && WaitsForRoom(waiting) && requests.TryGetValue(waiting.Attempt, out var request)
                && (waiting.Constraint == PlacementConstraint.Energy || now - request.QueuedSince >= patience))
            {
                partly |= !pool.Need(request, waiting.Reason, now, orPart: !partly);
            }
        }
    }

    /// <summary>More nodes would let it start; energy's own deferral knows when it wants them.</summary>
    private static bool WaitsForRoom(in WaitingTurn waiting) =>
        waiting.Constraint is PlacementConstraint.Power or PlacementConstraint.Depth || waiting.Shared.NotEnoughFreeNow && waiting.Constraint != PlacementConstraint.FreeLicences
        || waiting is { Constraint: PlacementConstraint.Energy, PlannedStart: not null };

    private static void SwitchOff(PowerPool pool, TimeSpan offAfter, int keepOn, DateTimeOffset now, ImmutableArray<PowerOrder>.Builder orders)
    {
        var idle = pool.IdleAndNotNeeded();
        // The worst rated go first, of equals the last, since work is given to the first.
        idle.Sort(static (left, right) => EnergyRating.Of(left.Power, left.Cores).CompareTo(EnergyRating.Of(right.Power, right.Cores)) is var byRating and not 0
            ? byRating
            : right.Id.CompareTo(left.Id));
        var most = idle.Count - Math.Max(0, keepOn);
        foreach (var node in idle)
        {
            if (most > 0 && CanBeOff(node) && node.PowerState == PowerState.On && node.IdleSince is { } since && since + offAfter <= now)
            {
                orders.Add(new() { Node = node.Id, On = false, Reason = $"idle since {since:u}, and nothing waits for it" });
                most--;
            }
        }
    }
}
