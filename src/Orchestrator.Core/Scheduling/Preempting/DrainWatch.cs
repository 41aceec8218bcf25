using System.Collections.Immutable;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>
/// Who must leave for what is arranged, kept from plan to plan: a lease that is listed in the same place, and that nobody asked yet, is not looked at again before the moment at which it may have to
/// be asked, or at which its last checkpoint is too old for a move. All are when something else is arranged, and when anything that is arranged begins or ends.
/// </summary>
internal sealed class DrainWatch
{
    private ImmutableArray<MaintenanceWindow> windows;
    private ImmutableArray<Reservation> reservations;
    private PreemptionSettings? preemption;
    private ProtectionSettings? protectionSettings;
    private DrainCoverage cover = new([], []);
    private DateTimeOffset from;
    private DateTimeOffset until;
    private Watched[] known = [];
    private int count;

    public DrainOrders Find(ISchedulingView view, ProtectionBudget protection, DateTimeOffset now)
    {
        Read(view, now);
        var found = new DrainOrders(now);
        if (cover.IsEmpty)
        {
            return found;
        }

        if (known.Length < view.Running.Count)
        {
            Array.Resize(ref known, Spare.Length(known.Length, view.Running.Count));
        }

        var at = 0;
        var own = new DrainOrders(now);
        foreach (var lease in view.Running)
        {
            ref var one = ref known[at++];
            if (!ReferenceEquals(one.Lease, lease) || one.Until <= now.UtcTicks || one.MayBeProtected && one.IsProtected != protection.Protects(lease))
            {
                own.Clear();
                one = Look(view, protection, lease, own);
                found.Add(own);
            }
            else if (one.Next < long.MaxValue)
            {
                found.AskAt(new(one.Next, TimeSpan.Zero));
            }
        }

        Forget(at);
        return found;
    }

    private Watched Look(ISchedulingView view, ProtectionBudget protection, RunningLease lease, DrainOrders own)
    {
        DrainPlanner.Look(view, protection, lease, cover, own);
        var next = own.Next?.UtcTicks ?? long.MaxValue;
        var isOld = lease.CheckpointedAt is { } at ? at.UtcTicks + view.Settings.Protection.RelocationLoss.Ticks + 1 : long.MaxValue;
        // Who was asked, or is now, is looked at again in each plan.
        var again = !own.IsEmpty || lease.StopBy is not null ? 0 : isOld > own.Now.UtcTicks ? Math.Min(next, isOld) : next;
        return new(lease, again, next, lease.Protected, protection.Protects(lease));
    }

    private void Read(ISchedulingView view, DateTimeOffset now)
    {
        var isSame = windows == view.Context.Windows && reservations == view.Context.Reservations && from <= now && now < until
            && ReferenceEquals(preemption, view.Settings.Preemption) && ReferenceEquals(protectionSettings, view.Settings.Protection);
        from = now;
        if (isSame)
        {
            return;
        }

        (windows, reservations, preemption, protectionSettings) = (view.Context.Windows, view.Context.Reservations, view.Settings.Preemption, view.Settings.Protection);
        Forget(0);
        var begins = windows.SelectMany(static window => new[] { window.Start, window.End }).Concat(reservations.SelectMany(static reservation => new[] { reservation.Start, reservation.End }));
        until = begins.Where(moment => moment > now).DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
        var holding = reservations.Where(reservation => reservation.Holds && reservation.End > now).OrderBy(static reservation => reservation.Id, StringComparer.Ordinal).ToList();
        cover = new(
            windows.Where(static window => window.Status is WindowStatus.Pending or WindowStatus.Blocked or WindowStatus.Active).OrderBy(static window => window.Id, StringComparer.Ordinal).ToList(),
            holding);
    }

    /// <summary>What does not run any more must not be kept alive.</summary>
    private void Forget(int kept)
    {
        Array.Clear(known, kept, Math.Max(0, count - kept));
        count = kept;
    }

    /// <param name="Lease">What runs.</param>
    /// <param name="Until">UTC ticks at which it must be looked at again; before, nobody asks it.</param>
    /// <param name="Next">UTC ticks at which it is to be asked, if nothing changes; <see cref="long.MaxValue"/>: never.</param>
    /// <param name="MayBeProtected">It asks for protection.</param>
    /// <param name="IsProtected">Its account's protection covered it.</param>
    private readonly record struct Watched(RunningLease Lease, long Until, long Next, bool MayBeProtected, bool IsProtected);
}
