using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Scheduling.Timelines;

internal sealed partial class NodeTable
{
    private readonly Dictionary<NodeId, List<int>> windowsOf = [];
    private readonly Dictionary<NodeId, List<(int Number, NodeShare Share)>> reservedOf = [];
    private readonly Dictionary<string, string> reservationOfSimulation = new(StringComparer.Ordinal);
    private readonly Dictionary<Arrangement, (Arrangement Arrangement, int Number)> patterns = [];
    private readonly List<int> windowsOfAll = [];
    private readonly List<NodeBlock> blocksFound = [];
    private readonly List<Occupant> holdsFound = [];
    private ImmutableArray<MaintenanceWindow> windows = [];

    /// <summary>Those that are not over, by id: their place here is their number.</summary>
    public ImmutableArray<MaintenanceWindow> Windows => windows;

    /// <summary>Numbers windows and reservations, and finds which are of which node.</summary>
    private void ReadContext()
    {
        windows = [.. context.Windows.Where(static window => !window.IsOver).OrderBy(static window => window.Id, StringComparer.Ordinal).ThenBy(static window => window.Start)];
        reservations = [.. context.Reservations.Where(static reservation => !reservation.IsOver).OrderBy(static reservation => reservation.Id, StringComparer.Ordinal).ThenBy(static reservation => reservation.Start)];
        windowsOf.Clear();
        windowsOfAll.Clear();
        for (var number = 0; number < windows.Length; number++)
        {
            if (windows[number].Nodes.IsEmpty)
            {
                windowsOfAll.Add(number);
            }

            foreach (var node in windows[number].Nodes)
            {
                ListOf(windowsOf, node).Add(number);
            }
        }

        IndexReservations();
        foreach (var lease in entryList)
        {
            var number = NumberOf(lease.Lease);
            if (number != lease.ReservationNumber)
            {
                lease.ReservationNumber = number;
                RefreshNodes(lease);
            }
        }
    }

    private void IndexReservations()
    {
        reservedOf.Clear();
        var owned = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var number = 0; number < reservations.Length; number++)
        {
            var reservation = reservations[number];
            if (!reservation.Holds)
            {
                continue;
            }

            if (reservation.Simulation.Length > 0)
            {
                owned.TryAdd(reservation.Simulation, reservation.Id);
            }

            foreach (var share in reservation.Allocations)
            {
                ListOf(reservedOf, share.Node).Add((number, share));
            }
        }

        if (owned.Count != reservationOfSimulation.Count || owned.Any(pair => !reservationOfSimulation.TryGetValue(pair.Key, out var id) || id != pair.Value))
        {
            reservationOfSimulation.Clear();
            foreach (var (simulation, id) in owned)
            {
                reservationOfSimulation.Add(simulation, id);
            }

            ShapeGeneration++;
        }
    }

    /// <summary>Tells a node what is arranged for it: the end of its allocation, windows, reservations.</summary>
    private void Arrange(NodeCalendar calendar)
    {
        blocksFound.Clear();
        holdsFound.Clear();
        calendar.ForgetHeldCores();
        var node = calendar.Node;
        if (node.AllocationEnd is { } end)
        {
            blocksFound.Add(new() { From = end.UtcTicks, Until = long.MaxValue, Constraint = PlacementConstraint.AllocationEnd, Soft = true });
        }

        foreach (var number in windowsOfAll)
        {
            AddWindow(number);
        }

        if (windowsOf.TryGetValue(node.Id, out var own))
        {
            own.ForEach(AddWindow);
        }

        if (reservedOf.TryGetValue(node.Id, out var reserved))
        {
            foreach (var (number, share) in reserved)
            {
                AddReservation(calendar, number, share);
            }
        }

        blocksFound.Sort(static (left, right) =>
        {
            var order = left.From.CompareTo(right.From);
            order = order != 0 ? order : left.Until.CompareTo(right.Until);
            order = order != 0 ? order : left.Constraint.CompareTo(right.Constraint);
            return order != 0 ? order : left.Source.CompareTo(right.Source);
        });
        holdsFound.Sort(static (left, right) => left.From != right.From ? left.From.CompareTo(right.From) : left.Reservation.CompareTo(right.Reservation));
        var arrangement = blocksFound.Count + holdsFound.Count == 0 ? Arrangement.Nothing : new([.. blocksFound], [.. holdsFound]);
        if (!patterns.TryGetValue(arrangement, out var pattern))
        {
            patterns.Add(arrangement, pattern = (arrangement, patterns.Count));
        }

        calendar.PatternNumber = pattern.Number;
        calendar.Arrange(pattern.Arrangement);
    }

    private void AddWindow(int number) => blocksFound.Add(new()
    {
        From = windows[number].Start.UtcTicks,
        // One that others keep from beginning is not over at its end: it begins later, for as long.
        Until = windows[number].Status == WindowStatus.Blocked ? long.MaxValue : windows[number].End.UtcTicks,
        Constraint = PlacementConstraint.Maintenance,
        Soft = true,
        Source = number,
    });

    private void AddReservation(NodeCalendar calendar, int number, NodeShare share)
    {
        var reservation = reservations[number];
        var cores = Math.Max(0, calendar.Node.Cores);
        if (reservation.Kind is ReservationKind.Exclusive or ReservationKind.Shared || share.Exclusive || share.Cores.Length >= cores)
        {
            blocksFound.Add(new()
            {
                From = reservation.Start.UtcTicks,
                Until = reservation.End.UtcTicks,
                Constraint = PlacementConstraint.Reserved,
                Soft = reservation.Kind == ReservationKind.Shared,
                Source = number,
            });
            return;
        }

        calendar.HoldCores(share.Cores);
        holdsFound.Add(new()
        {
            From = reservation.Start.UtcTicks,
            Until = reservation.End.UtcTicks,
            Cores = share.Cores.Length,
            Memory = share.Memory,
            Storage = share.Storage,
            Network = share.Network,
            Gpus = share.Gpus.Aggregate(0UL, static (mask, gpu) => mask | 1UL << gpu),
            GpuThousandths = 1000,
            Hold = true,
            Reservation = number,
            Turn = -1,
        });
    }

    /// <summary>The reservation inside of which it runs: the one that it named, or its protected simulation's on its nodes; -1: none.</summary>
    private int NumberOf(RunningLease lease)
    {
        if (lease.Reservation.Length > 0)
        {
            return ReservationNumber(lease.Reservation);
        }

        if (!lease.Shares.IsEmpty && reservationOfSimulation.ContainsKey(lease.Attempt.Simulation.Value) && reservedOf.TryGetValue(lease.Shares[0].Node, out var here))
        {
            foreach (var (number, _) in here)
            {
                if (reservations[number].Simulation == lease.Attempt.Simulation.Value)
                {
                    return number;
                }
            }
        }

        return -1;
    }

    private int ReservationNumber(string id)
    {
        if (id.Length > 0)
        {
            for (var number = 0; number < reservations.Length; number++)
            {
                if (reservations[number].Id == id)
                {
                    return number;
                }
            }
        }

        return -1;
    }

    private void RefreshNodes(LeaseEntry lease)
    {
        foreach (var share in lease.Lease.Shares)
        {
            if (byId.TryGetValue(share.Node, out var calendar))
            {
                calendar.Refresh();
            }
        }
    }

    private static List<T> ListOf<T>(Dictionary<NodeId, List<T>> lists, NodeId node)
    {
        if (!lists.TryGetValue(node, out var list))
        {
            lists.Add(node, list = []);
        }

        return list;
    }
}
