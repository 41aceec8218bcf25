using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>
/// All nodes as they will be once everybody is gone that is on its way, and what the plan starts is there. It only grows fuller: what is found for one is not given to the next.
/// </summary>
internal sealed class VictimRoom
{
    private const int Closed = int.MinValue / 2;

    private readonly SortedDictionary<string, int> licences = new(StringComparer.Ordinal);
    private readonly Dictionary<NodeId, int> slots = [];
    private readonly List<SchedulableNode> told = [];
    private readonly List<VictimLease> leases = [];
    private List<MaintenanceWindow>?[] windowsOf = [];
    private List<(Reservation Reservation, NodeShare Share)>?[] reservedOf = [];
    private PreemptionSettings settings = new();
    private TimeSpan usefulLeast;
    private TimeSpan relocateAhead;
    private DateTimeOffset now;

    /// <summary>Begins a search; what stayed since the last one is not laid out anew.</summary>
    public void Open(ISchedulingView view, ProtectionBudget protection, IEnumerable<Placement> starts, IReadOnlySet<AttemptId> asked, DateTimeOffset at)
    {
        now = at;
        settings = view.Settings.Preemption;
        usefulLeast = view.Settings.Backfill.UsefulLeast;
        relocateAhead = view.Settings.Protection.RelocateAhead;
        LayOut(view.Nodes);
        licences.Clear();
        foreach (var (licence, count) in view.Context.Licences)
        {
            licences[licence] = count;
        }

        var next = 0;
        foreach (var lease in view.Running)
        {
            if (next == leases.Count)
            {
                leases.Add(Locate(lease));
            }
            else if (!ReferenceEquals(leases[next].Lease, lease))
            {
                leases[next] = Locate(lease);
            }

            Enter(leases[next++], protection, asked.Count > 0 && asked.Contains(lease.Attempt));
        }

        leases.RemoveRange(next, leases.Count - next);
        foreach (var placement in starts)
        {
            foreach (var share in placement.Shares)
            {
                if (slots.TryGetValue(share.Node, out var slot))
                {
                    Nodes[slot].Occupy(share);
                }
            }
        }

        Array.Clear(windowsOf);
        Array.Clear(reservedOf);
        Arrange(view);
        for (var slot = 0; slot < Nodes.Length; slot++)
        {
            FreeCores[slot] = IsOpen(Nodes[slot]) ? Nodes[slot].FreeCores : Closed;
        }
    }

    /// <summary>Cores that nobody holds, by node; far below 0: nothing starts on the node, whatever is asked for.</summary>
    public int[] FreeCores { get; private set; } = [];

    /// <summary>By their ids.</summary>
    public VictimNode[] Nodes { get; private set; } = [];

    /// <summary>In no order: whoever has to choose among them sorts those between which the choice is.</summary>
    public IReadOnlyList<VictimLease> Leases => leases;

    public int SlotOf(NodeId node) => slots.GetValueOrDefault(node, -1);

    /// <summary>Nobody is on the lease's nodes any more, as far as it is concerned.</summary>
    public void Remove(VictimLease lease)
    {
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
        foreach (var (licence, count) in request.Resources.Licences)
        {
            if (licences.GetValueOrDefault(licence) < count)
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

    /// <summary>Whatever is on the node, the request may be there from now on for as long as it lasts.</summary>
    public bool IsEligible(int slot, PendingRequest request)
    {
        var node = Nodes[slot].Node;
        if (FreeCores[slot] < Closed / 2 || !request.Avoid.IsEmpty && request.Avoid.Contains(node.Id) || node.User.Length > 0 && node.User != request.User || !NodeSuits.Has(node, request.Resources))
        {
            return false;
        }

        if (node.AllocationEnd is { } allocationEnd && !LastsUntil(request, allocationEnd))
        {
            return false;
        }

        if (windowsOf[slot] is { } windows)
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
        Nodes[slot].Take(wanted);
        FreeCores[slot] -= wanted.CoresPerNode;
    }

    private static bool IsOpen(VictimNode room) => !room.Quarantined && room.Node is { Draining: false, NotSeen: false, PowerState: PowerState.On or PowerState.Absent };

    private bool IsInReservation(int slot, PendingRequest request)
    {
        var inOwn = request.Reservation.Length == 0;
        if (reservedOf[slot] is { } reserved)
        {
            foreach (var (reservation, _) in reserved)
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

    /// <summary>Nodes of whom the same is told as the last time keep their places.</summary>
    private void LayOut(IReadOnlyCollection<SchedulableNode> nodes)
    {
        var (same, at) = (told.Count == nodes.Count, 0);
        foreach (var node in nodes)
        {
            if (!same || !ReferenceEquals(told[at++], node))
            {
                same = false;
                break;
            }
        }

        if (!same)
        {
            told.Clear();
            told.AddRange(nodes);
            Nodes = [.. nodes.OrderBy(static node => node.Id).Select(static node => new VictimNode(node))];
            (FreeCores, windowsOf, reservedOf) = (new int[Nodes.Length], new List<MaintenanceWindow>?[Nodes.Length], new List<(Reservation, NodeShare)>?[Nodes.Length]);
            slots.Clear();
            leases.Clear();
            for (var slot = 0; slot < Nodes.Length; slot++)
            {
                slots[Nodes[slot].Node.Id] = slot;
            }
        }

        foreach (var node in Nodes)
        {
            node.Clear();
        }
    }

    private VictimLease Locate(RunningLease lease)
    {
        var entry = new VictimLease(lease);
        for (var i = 0; i < lease.Shares.Length; i++)
        {
            entry.Slots[i] = SlotOf(lease.Shares[i].Node);
        }

        return entry;
    }

    private void Enter(VictimLease entry, ProtectionBudget protection, bool isAsked)
    {
        var lease = entry.Lease;
        var isStuck = VictimRules.IsStuck(lease, settings, now);
        // What ends by itself as soon as a victim would be gone is no victim.
        var endsSoon = lease.EndsBy is { } end && end > now && end - now <= settings.CheckpointWait;
        entry.Open(
            VictimRules.Refusal(lease, protection.Protects(lease), settings, now),
            PreemptionCost.CoreSeconds(lease, now),
            !isStuck && (isAsked || lease.StopBy is not null || lease.Ending || endsSoon));
        for (var i = 0; i < lease.Shares.Length; i++)
        {
            var share = lease.Shares[i];
            if (entry.Slots[i] is >= 0 and var slot)
            {
                Nodes[slot].Quarantined |= isStuck;
                Nodes[slot].Occupants.Add((entry, share));
                if (!entry.Gone)
                {
                    Nodes[slot].Occupy(share);
                }
            }
        }

        if (!entry.Gone)
        {
            CountLicences(lease, -1);
        }
    }

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
                    FreeCores[slot] += share.Cores.Length;
                }
                else
                {
                    Nodes[slot].Occupy(share);
                    FreeCores[slot] -= share.Cores.Length;
                }
            }
        }

        CountLicences(lease.Lease, vacate ? 1 : -1);
    }

    private void CountLicences(RunningLease lease, int sign)
    {
        foreach (var (licence, count) in lease.Resources.Licences)
        {
            licences[licence] = licences.GetValueOrDefault(licence) + sign * count;
        }
    }

    private void Arrange(ISchedulingView view)
    {
        foreach (var window in view.Context.Windows.Where(static window => !window.IsOver))
        {
            for (var slot = 0; window.Nodes.IsEmpty && slot < Nodes.Length; slot++)
            {
                (windowsOf[slot] ??= []).Add(window);
            }

            foreach (var node in window.Nodes)
            {
                if (slots.TryGetValue(node, out var slot))
                {
                    (windowsOf[slot] ??= []).Add(window);
                }
            }
        }

        foreach (var reservation in view.Context.Reservations.Where(reservation => reservation.Holds && reservation.End > now))
        {
            foreach (var share in reservation.Allocations)
            {
                if (slots.TryGetValue(share.Node, out var slot))
                {
                    (reservedOf[slot] ??= []).Add((reservation, share));
                    Keep(slot, reservation, share);
                }
            }
        }
    }

    /// <summary>Of a part of a node that is reserved, what its own work does not hold yet is nobody else's.</summary>
    private void Keep(int slot, Reservation reservation, NodeShare share)
    {
        if (reservation.Kind != ReservationKind.Partial)
        {
            return;
        }

        var held = Nodes[slot].Occupants.Where(occupant => !occupant.Lease.Gone).SelectMany(static occupant => occupant.Share.Cores).ToHashSet();
        var heldGpus = Nodes[slot].Occupants.Where(occupant => !occupant.Lease.Gone).SelectMany(static occupant => occupant.Share.Gpus).ToHashSet();
        var inside = Nodes[slot].Occupants.Exists(occupant => occupant.Lease.Lease.Reservation == reservation.Id
            || reservation.Simulation.Length > 0 && occupant.Lease.Lease.Attempt.Simulation.Value == reservation.Simulation);
        Nodes[slot].Occupy(share with
        {
            Cores = [.. share.Cores.Where(core => !held.Contains(core))],
            Gpus = [.. share.Gpus.Where(gpu => !heldGpus.Contains(gpu))],
            Memory = inside ? 0 : share.Memory,
            Storage = inside ? 0 : share.Storage,
            Network = inside ? 0 : share.Network,
            Exclusive = share.Exclusive && !inside,
        });
    }
}
