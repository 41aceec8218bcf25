using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>Windows and reservations by node, read anew when they differ, when nodes came or went, or when a reservation is over.</summary>
internal sealed class VictimArrangements
{
    private readonly List<(int Slot, Reservation Reservation, NodeShare Share)> partial = [];
    private ImmutableArray<MaintenanceWindow> windows;
    private ImmutableArray<Reservation> reservations;
    private List<MaintenanceWindow>?[] windowsOf = [];
    private List<Reservation>?[] reservationsOf = [];
    private int layout = -1;
    private DateTimeOffset from;
    private DateTimeOffset until;

    /// <summary>Those that are not over; null: none.</summary>
    public List<MaintenanceWindow>? WindowsOf(int slot) => windowsOf[slot];

    /// <summary>Those that hold, or will, and are not over; null: none.</summary>
    public List<Reservation>? ReservationsOf(int slot) => reservationsOf[slot];

    public void Read(SchedulingContext context, Dictionary<NodeId, int> slots, int layoutNow, DateTimeOffset now)
    {
        if (layout == layoutNow && windows == context.Windows && reservations == context.Reservations && from <= now && now < until)
        {
            return;
        }

        (layout, windows, reservations, from, until) = (layoutNow, context.Windows, context.Reservations, now, DateTimeOffset.MaxValue);
        (windowsOf, reservationsOf) = (new List<MaintenanceWindow>?[slots.Count], new List<Reservation>?[slots.Count]);
        partial.Clear();
        foreach (var window in windows.Where(static window => !window.IsOver))
        {
            Add(window, slots);
        }

        foreach (var reservation in reservations.Where(reservation => reservation.Holds && reservation.End > now))
        {
            until = reservation.End < until ? reservation.End : until;
            foreach (var share in reservation.Allocations)
            {
                if (!slots.TryGetValue(share.Node, out var slot))
                {
                    continue;
                }

                (reservationsOf[slot] ??= []).Add(reservation);
                if (reservation.Kind == ReservationKind.Partial)
                {
                    partial.Add((slot, reservation, share));
                }
            }
        }
    }

    /// <summary>Of parts of nodes that are reserved: what their own work does not hold yet, which is nobody else's.</summary>
    public IEnumerable<(int Slot, NodeShare Share)> Kept(VictimNode[] nodes)
    {
        foreach (var (slot, reservation, share) in partial)
        {
            yield return (slot, Rest(nodes[slot], reservation, share));
        }
    }

    private void Add(MaintenanceWindow window, Dictionary<NodeId, int> slots)
    {
        for (var slot = 0; window.Nodes.IsEmpty && slot < windowsOf.Length; slot++)
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

    private static NodeShare Rest(VictimNode node, Reservation reservation, NodeShare share)
    {
        var held = node.Occupants.Where(static occupant => !occupant.Lease.Gone).SelectMany(static occupant => occupant.Share.Cores).ToHashSet();
        var heldGpus = node.Occupants.Where(static occupant => !occupant.Lease.Gone).SelectMany(static occupant => occupant.Share.Gpus).ToHashSet();
        var inside = node.Occupants.Exists(occupant => occupant.Lease.Lease.Reservation == reservation.Id
            || reservation.Simulation.Length > 0 && occupant.Lease.Lease.Attempt.Simulation.Value == reservation.Simulation);
        return share with
        {
            Cores = [.. share.Cores.Where(core => !held.Contains(core))],
            Gpus = [.. share.Gpus.Where(gpu => !heldGpus.Contains(gpu))],
            Memory = inside ? 0 : share.Memory,
            Storage = inside ? 0 : share.Storage,
            Network = inside ? 0 : share.Network,
            Exclusive = share.Exclusive && !inside,
        };
    }
}
