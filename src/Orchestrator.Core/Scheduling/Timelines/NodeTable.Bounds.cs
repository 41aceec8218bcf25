using System.Numerics;

namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>What keeps a shape off nodes that have the cores for it, found once for all of its lengths.</summary>
internal sealed partial class NodeTable
{
    private readonly List<int> inTableOrder = [];

    /// <summary>What keeps it off the nodes that have the cores, whatever is arranged for them; requests of one shape and many lengths ask the same.</summary>
    private List<RoomBound> BoundsOf(Shape shape)
    {
        if (shape.BoundsOf == changes)
        {
            return shape.Bounds;
        }

        shape.BoundsOf = changes;
        shape.Bounds.Clear();
        foreach (var number in shape.Kinds)
        {
            inTableOrder.Add(number);
        }

        inTableOrder.Sort();
        foreach (var number in inTableOrder)
        {
            foreach (var cell in kindList[number].Cells)
            {
                AddBounds(shape, cell);
            }
        }

        inTableOrder.Clear();
        return shape.Bounds;
    }

    private void AddBounds(Shape shape, NodeCell cell)
    {
        var wanted = shape.Wanted;
        var suits = shape.Suits[cell.Kind.Index];
        var (memory, gpus, storage) = (0, 0, 0);
        var wantsMore = wanted.GpusPerNode > 0 || wanted.StoragePerNode > 0 || wanted.NetworkPerNode > 0;
        // Nobody has it alone, or anything of it where it is wanted alone, and it has the cores: all were counted with the cell.
        for (var slot = NextWithCores(shape, cell.First, cell.End); slot < cell.End; slot = NextWithCores(shape, slot + 1, cell.End))
        {
            if (freeMemory[slot] < wanted.MemoryPerNode)
            {
                memory++;
                continue;
            }

            if (wholeGpus[slot] < shape.WholeGpus)
            {
                gpus++;
                continue;
            }

            if (!wantsMore && laterFrom[slot] == long.MaxValue)
            {
                continue;
            }

            var calendar = slots[slot];
            if (wanted.GpusPerNode > 0 && BitOperations.PopCount(calendar.FreeGpus(suits, wanted.GpuThousandths)) < wanted.GpusPerNode)
            {
                gpus++;
            }
            else if (wanted.StoragePerNode > calendar.FreeStorage || wanted.NetworkPerNode > calendar.FreeNetwork)
            {
                storage++;
            }
            else if (!calendar.Later.IsEmpty && calendar.RoomUntil(shape, suits, withPlaces: true, moment, out var turn) is var until and < long.MaxValue)
            {
                var held = calendar.RoomUntil(shape, suits, withPlaces: false, moment, out _);
                AddBound(shape, new(cell, PlacementConstraint.Absent, 1, until, turn, held, HoldOf(calendar) is >= 0 and var reservation ? reservation : turn));
            }
        }

        Count(memory, PlacementConstraint.FreeMemory);
        Count(gpus, PlacementConstraint.FreeGpus);
        Count(storage, PlacementConstraint.FreeStorage);

        void Count(int nodes, PlacementConstraint constraint)
        {
            if (nodes > 0)
            {
                shape.Bounds.Add(new(cell, constraint, nodes, 0, -1, 0, -1));
            }
        }
    }

    /// <summary>Neighbours that are kept for the same are one.</summary>
    private static void AddBound(Shape shape, RoomBound bound)
    {
        if (shape.Bounds.Count > 0 && shape.Bounds[^1] is var last && last with { Count = bound.Count } == bound)
        {
            shape.Bounds[^1] = last with { Count = last.Count + bound.Count };
            return;
        }

        shape.Bounds.Add(bound);
    }

    /// <summary>The first reservation that holds a part of the node; -1: none.</summary>
    private static int HoldOf(NodeCalendar calendar)
    {
        foreach (ref readonly var entry in calendar.Later)
        {
            if (entry.Hold)
            {
                return entry.Reservation;
            }
        }

        return -1;
    }
}
