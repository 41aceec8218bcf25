using System.Collections.Immutable;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>
/// Who must leave for windows and reservations, asked early enough that it can checkpoint: caps, quantum and cooldown do not count here, protection does. What ends in time by itself
/// is left alone.
/// </summary>
public static class DrainPlanner
{
    /// <summary>Those to ask now, each once: for the earliest that needs it gone.</summary>
    public static IReadOnlyList<Preemption> Choose(ISchedulingView view, ProtectionBudget protection, DateTimeOffset now) => Find(view, protection, now).Due;

    /// <summary>When the next one is to be asked, after now; null: nobody is.</summary>
    public static DateTimeOffset? NextChange(ISchedulingView view, ProtectionBudget protection, DateTimeOffset now) => Find(view, protection, now).Next;

    /// <summary>Both, found at once.</summary>
    internal static DrainOrders Find(ISchedulingView view, ProtectionBudget protection, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(protection);
        return (view is SchedulingWorkspace workspace ? workspace.Drains : new()).Find(view, protection, now);
    }

    /// <summary>Whether, and when, one lease must leave.</summary>
    internal static void Look(ISchedulingView view, ProtectionBudget protection, RunningLease lease, DrainCoverage cover, DrainOrders found)
    {
        if (lease.Ending)
        {
            return;
        }

        foreach (var window in cover.Windows(lease))
        {
            ForWindow(view, protection, lease, window, found);
        }

        foreach (var reservation in cover.Reservations(lease))
        {
            ForReservation(view, protection, lease, reservation, found);
        }
    }

    private static void ForWindow(ISchedulingView view, ProtectionBudget protection, RunningLease lease, MaintenanceWindow window, DrainOrders found)
    {
        var isProtected = protection.Protects(lease);
        if (WindowRules.MustLeaveBy(window, lease, isProtected, view.Settings.Protection) is not { } by)
        {
            return;
        }

        var now = found.Now;
        var lead = VictimRules.Lead(lease, view.Settings.Preemption);
        var claim = WindowRules.Claim(window.Severity, lease, isProtected);
        if (claim == WindowClaim.MayDelay && !EndsBy(lease, window.Start, now) && MayMove(lease, view.Settings.Protection, now))
        {
            // Little is lost now; at another moment more is. Never before the window is near: it may be called off.
            var cheap = window.Start - view.Settings.Protection.RelocateAhead;
            if (cheap <= now && !IsAsked(lease, now + lead))
            {
                found.Ask(Order(now + lead, $"window {window.Id} is near, and little is lost right after a checkpoint"));
                return;
            }

            found.AskAt(cheap);
        }

        if (!EndsBy(lease, by, now) && !IsAsked(lease, by > now + lead ? by : now + lead))
        {
            if (by - lead > now)
            {
                found.AskAt(by - lead);
                return;
            }

            found.Ask(Order(now + lead, claim == WindowClaim.MayDelay ? $"window {window.Id} was, or may be, delayed by {view.Settings.Protection.DelayMajor} in all and no more"
                : $"window {window.Id} begins at {window.Start:u}"));
        }
        else if (lease.StopBy is null)
        {
            // It says that it ends in time; whether it does is seen then.
            found.AskAt(by);
        }

        Preemption Order(DateTimeOffset stopBy, string reason) => new()
        {
            Victim = lease.Attempt,
            Trigger = PreemptionTrigger.Maintenance,
            For = window.Id,
            StopBy = stopBy,
            Cost = PreemptionCost.Of(lease, now),
            Relocation = isProtected && lease.CanCheckpoint && window.Severity != WindowSeverity.Critical,
            Action = isProtected && lease.CanCheckpoint && window.Severity != WindowSeverity.Critical ? PreemptionAction.Migrate : PreemptionActions.For(PreemptionTrigger.Maintenance, lease.Priority),
            Reason = reason,
            BeyondProtection = lease.Protected && (!isProtected || claim == WindowClaim.MayDelay && now + lead >= by),
        };
    }

    private static void ForReservation(ISchedulingView view, ProtectionBudget protection, RunningLease lease, Reservation reservation, DrainOrders found)
    {
        if (protection.Protects(lease) || !Collides(lease, reservation))
        {
            return;
        }

        var now = found.Now;
        var lead = VictimRules.Lead(lease, view.Settings.Preemption);
        var stopBy = reservation.Start > now + lead ? reservation.Start : now + lead;
        if (EndsBy(lease, reservation.Start, now))
        {
            if (lease.StopBy is null)
            {
                found.AskAt(reservation.Start);
            }
        }
        else if (IsAsked(lease, stopBy))
        {
            return;
        }
        else if (reservation.Start - lead > now)
        {
            found.AskAt(reservation.Start - lead);
        }
        else
        {
            found.Ask(new()
            {
                Victim = lease.Attempt,
                Trigger = PreemptionTrigger.Reservation,
                For = reservation.Id,
                StopBy = stopBy,
                Cost = PreemptionCost.Of(lease, now),
                Action = PreemptionActions.For(PreemptionTrigger.Reservation, lease.Priority),
                Reason = $"reservation {reservation.Id} begins at {reservation.Start:u}",
                BeyondProtection = lease.Protected,
            });
        }
    }

    /// <summary>It ends by its own estimate before that moment; once the moment has come, what is still there does not.</summary>
    private static bool EndsBy(RunningLease lease, DateTimeOffset by, DateTimeOffset now) => now < by && lease.EndsBy is { } end && end <= by;

    private static bool IsAsked(RunningLease lease, DateTimeOffset by) => lease.StopBy is { } asked && asked <= by;

    private static bool MayMove(RunningLease lease, ProtectionSettings settings, DateTimeOffset now) =>
        lease is { CanCheckpoint: true, CheckpointedAt: { } at, StopBy: null } && now - at <= settings.RelocationLoss;

    private static bool Collides(RunningLease lease, Reservation reservation)
    {
        if (lease.Reservation.Length > 0 && lease.Reservation == reservation.Id || reservation.Simulation.Length > 0 && reservation.Simulation == lease.Attempt.Simulation.Value)
        {
            return false;
        }

        foreach (var kept in reservation.Allocations)
        {
            foreach (var share in lease.Shares)
            {
                if (share.Node == kept.Node && (reservation.Kind != ReservationKind.Partial || share.Exclusive || kept.Exclusive || Overlap(share.Cores, kept.Cores) || OverlapGpus(share, kept)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool OverlapGpus(NodeShare one, NodeShare other) => one.GpuThousandths + other.GpuThousandths > 1000 && Overlap(one.Gpus, other.Gpus);

    private static bool Overlap(ImmutableArray<int> one, ImmutableArray<int> other)
    {
        foreach (var number in one)
        {
            if (other.Contains(number))
            {
                return true;
            }
        }

        return false;
    }
}
