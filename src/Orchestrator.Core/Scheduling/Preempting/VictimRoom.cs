using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>
/// All nodes as they will be once everybody is gone that is on its way, and what the plan starts is there. It only grows fuller: what is found for one is not given to the next. What stayed
/// since the last search is not counted anew: only nodes of which something changed, or was taken by that search, are.
/// </summary>
internal sealed partial class VictimRoom
{
    private const int Closed = int.MinValue / 2;

    private readonly SortedDictionary<string, int> licences = new(StringComparer.Ordinal);
    private readonly VictimArrangements arrangements = new();
    private PreemptionSettings settings = new();
    private TimeSpan usefulLeast;
    private TimeSpan relocateAhead;
    private DateTimeOffset now;

    /// <summary>Begins a search; what the last one took is free again.</summary>
    public void Open(ISchedulingView view, ProtectionBudget protection, IEnumerable<Placement> starts, IReadOnlySet<AttemptId> asked, DateTimeOffset at)
    {
        var anew = !ReferenceEquals(settings, view.Settings.Preemption) || at < now;
        (now, NowTicks, settings) = (at, at.UtcTicks, view.Settings.Preemption);
        usefulLeast = view.Settings.Backfill.UsefulLeast;
        relocateAhead = view.Settings.Protection.RelocateAhead;
        Undo();
        LayOut(view.Nodes);
        Follow(view.Running, protection, anew);
        Ask(asked);
        OpenLicences(view.Context);
        Recount();
        foreach (var placement in starts)
        {
            foreach (var share in placement.Shares)
            {
                if (slots.TryGetValue(share.Node, out var slot))
                {
                    Occupy(slot, share);
                }
            }
        }

        arrangements.Read(view.Context, slots, layout, now);
        foreach (var (slot, share) in arrangements.Kept(Nodes))
        {
            Occupy(slot, share);
        }
    }

    /// <summary>The moment of the search, in UTC ticks.</summary>
    public long NowTicks { get; private set; }

    /// <summary>Cores that nobody holds, by node; far below 0: nothing starts on the node, whatever is asked for.</summary>
    public int[] FreeCores { get; private set; } = [];

    /// <summary>By their ids.</summary>
    public VictimNode[] Nodes { get; private set; } = [];

    /// <summary>In no order: whoever has to choose among them sorts those between which the choice is.</summary>
    public IReadOnlyList<VictimLease> Leases => leases;

    /// <summary>Nobody is on the lease's nodes any more, as far as it is concerned.</summary>
    public void Remove(VictimLease lease)
    {
        Note(lease);
        lease.Gone = true;
        Move(lease, vacate: true);
    }

    public void Restore(VictimLease lease)
    {
        lease.Gone = false;
        Move(lease, vacate: false);
    }

    /// <summary>The site has the licences for it now.</summary>
    public bool HasLicences(PendingRequest request)
    {
        if (request.Resources.Licences.IsEmpty)
        {
            return true;
        }

        foreach (var (licence, count) in request.Resources.Licences)
        {
            if (licences.GetValueOrDefault(licence) < count)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The site has the licences for it, if all of these give back what they hold.</summary>
    public bool CouldHaveLicences(PendingRequest request, IReadOnlyList<VictimLease> candidates)
    {
        if (HasLicences(request))
        {
            return true;
        }

        foreach (var (licence, count) in request.Resources.Licences)
        {
            var missing = count - licences.GetValueOrDefault(licence);
            foreach (var lease in candidates)
            {
                missing -= lease is { HoldsLicences: true, Gone: false } ? lease.Lease.Resources.Licences.GetValueOrDefault(licence) : 0;
            }

            if (missing > 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Takes the licences for it.</summary>
    public void TakeLicences(PendingRequest request)
    {
        foreach (var (licence, count) in request.Resources.Licences)
        {
            licences[licence] = licences.GetValueOrDefault(licence) - count;
        }
    }

    /// <summary>Whatever is on the node, the request may be there from now on for as long as it lasts, if the kind of the node suits it (<see cref="Suits"/>).</summary>
    public bool IsEligible(int slot, PendingRequest request)
    {
        if (FreeCores[slot] < Closed / 2 || !request.Avoid.IsEmpty && request.Avoid.Contains(Nodes[slot].Node.Id))
        {
            return false;
        }

        if (hasEnd[slot] && Nodes[slot].Node.AllocationEnd is { } allocationEnd && !LastsUntil(request, allocationEnd))
        {
            return false;
        }

        if (arrangements.WindowsOf(slot) is { } windows)
        {
            foreach (var window in windows)
            {
                if (window.EndBy(now) > now && !LastsUntil(request, window.Start, request.Protected ? relocateAhead : TimeSpan.Zero))
                {
                    return false;
                }
            }
        }

        return IsInReservation(slot, request);
    }

    /// <summary>Takes a place for a request that fits.</summary>
    public void Take(int slot, ResourceRequest wanted)
    {
        taken.Add(slot);
        Nodes[slot].Take(wanted);
        FreeCores[slot] -= wanted.CoresPerNode;
    }

    private static bool IsOpen(VictimNode room) => !room.Quarantined && room.Node is { Draining: false, NotSeen: false, PowerState: PowerState.On or PowerState.Absent };

    private bool IsInReservation(int slot, PendingRequest request)
    {
        var inOwn = request.Reservation.Length == 0;
        if (arrangements.ReservationsOf(slot) is { } reserved)
        {
            foreach (var reservation in reserved)
            {
                if (request.Reservation == reservation.Id || reservation.Simulation.Length > 0 && reservation.Simulation == request.Attempt.Simulation.Value)
                {
                    inOwn = true;
                }
                else if (reservation.Kind != ReservationKind.Partial && !LastsUntil(request, reservation.Start))
                {
                    return false;
                }
            }
        }

        return inOwn;
    }

    /// <summary>It ends before that, or can be stopped at a checkpoint after a useful time.</summary>
    private bool LastsUntil(PendingRequest request, DateTimeOffset end, TimeSpan ahead = default) =>
        request.DurationEstimate is { } estimate && end > now && estimate <= end - now || request.CanCheckpoint && end - now >= usefulLeast + ahead;

    private void Move(VictimLease lease, bool vacate)
    {
        for (var i = 0; i < lease.Slots.Length; i++)
        {
            if (lease.Slots[i] is >= 0 and var slot)
            {
                var share = lease.Lease.Shares[i];
                if (vacate)
                {
                    Nodes[slot].Vacate(share);
                    FreeCores[slot] += lease.CoresOn(i);
                }
                else
                {
                    Nodes[slot].Occupy(share);
                    FreeCores[slot] -= lease.CoresOn(i);
                }
            }
        }

        CountLicences(lease.Lease, vacate ? 1 : -1);
    }

    private void OpenLicences(SchedulingContext context)
    {
        licences.Clear();
        foreach (var (licence, count) in context.Licences)
        {
            licences[licence] = count;
        }

        foreach (var lease in licensed)
        {
            if (!lease.Gone)
            {
                CountLicences(lease.Lease, -1);
            }
        }
    }

    private void CountLicences(RunningLease lease, int sign)
    {
        if (lease.Resources.Licences.IsEmpty)
        {
            return;
        }

        foreach (var (licence, count) in lease.Resources.Licences)
        {
            licences[licence] = licences.GetValueOrDefault(licence) + sign * count;
        }
    }
}
