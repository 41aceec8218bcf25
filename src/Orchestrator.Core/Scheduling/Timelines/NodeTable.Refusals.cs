using System.Numerics;

namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>The first constraint that keeps a shape off a node, or off all nodes of a cell.</summary>
internal sealed partial class NodeTable
{
    /// <summary>Counts what is the same for many nodes of a cell; true: the rest must be asked one by one.</summary>
    private bool Tally(NodeCell cell, Shape shape)
    {
        if (!shape.Avoid.IsEmpty)
        {
            return true;
        }

        ref readonly var answer = ref answers[cell.Pattern];
        refused[(int)PlacementConstraint.NotDraining] += cell.Draining;
        var rest = cell.Size - cell.Draining;
        if (shape.ReservationClosed)
        {
            refused[(int)PlacementConstraint.Reserved] += rest;
            return false;
        }

        if (!answer.IsOpen && answer.By.Constraint == PlacementConstraint.AllocationEnd)
        {
            refused[(int)PlacementConstraint.AllocationEnd] += rest;
            return false;
        }

        refused[(int)PlacementConstraint.Alive] += cell.NotSeen;
        rest -= cell.NotSeen;
        if (!answer.IsOpen)
        {
            refused[(int)answer.By.Constraint] += rest;
            return false;
        }

        refused[(int)PlacementConstraint.Power] += cell.Unpowered;
        rest -= cell.Unpowered;
        if (shape.Exclusive)
        {
            refused[(int)PlacementConstraint.Exclusivity] += cell.Used;
            return true;
        }

        refused[(int)PlacementConstraint.Exclusivity] += cell.Alone;
        refused[(int)PlacementConstraint.FreeCores] += rest - cell.Alone - CountWithCores(shape.Cores, cell.First, cell.End);
        return true;
    }

    private int CountWithCores(int cores, int from, int end)
    {
        var least = new Vector<int>(cores);
        var counts = Vector<int>.Zero;
        var at = from;
        for (; at + Vector<int>.Count <= end; at += Vector<int>.Count)
        {
            counts -= Vector.GreaterThanOrEqual(new Vector<int>(freeCores, at), least);
        }

        var count = Vector.Sum(counts);
        for (; at < end; at++)
        {
            count += freeCores[at] >= cores ? 1 : 0;
        }

        return count;
    }

    /// <summary>The first constraint that keeps it off a node now, after the patterns were asked.</summary>
    private PlacementConstraint Refusal(NodeCalendar calendar, Shape shape, out int source)
    {
        source = -1;
        var kindRefusal = shape.Refusals[calendar.Kind.Index];
        if (kindRefusal != PlacementConstraint.Absent)
        {
            return kindRefusal;
        }

        var node = calendar.Node;
        if (!shape.Avoid.IsEmpty && shape.Avoid.Contains(node.Id))
        {
            return PlacementConstraint.NotAvoided;
        }

        if (node.Draining)
        {
            return PlacementConstraint.NotDraining;
        }

        if (shape.ReservationClosed)
        {
            return PlacementConstraint.Reserved;
        }

        ref readonly var answer = ref answers[calendar.PatternNumber];
        if (!answer.IsOpen && answer.By.Constraint == PlacementConstraint.AllocationEnd)
        {
            return PlacementConstraint.AllocationEnd;
        }

        if (node.NotSeen)
        {
            return PlacementConstraint.Alive;
        }

        if (!answer.IsOpen)
        {
            source = answer.By.Source;
            return answer.By.Constraint;
        }

        return calendar.PoweredFrom > moment.Now ? PlacementConstraint.Power : RefusalNow(calendar, shape, answer.Until, out source);
    }

    private PlacementConstraint RefusalNow(NodeCalendar calendar, Shape shape, long until, out int source)
    {
        source = -1;
        var wanted = shape.Wanted;
        var suits = shape.Suits[calendar.Kind.Index];
        if (calendar.Alone || shape.Exclusive && calendar.Used)
        {
            return PlacementConstraint.Exclusivity;
        }

        if (shape.Cores > calendar.FreeCores)
        {
            return PlacementConstraint.FreeCores;
        }

        if (wanted.MemoryPerNode > calendar.FreeMemory)
        {
            return PlacementConstraint.FreeMemory;
        }

        if (wanted.GpusPerNode > 0 && BitOperations.PopCount(calendar.FreeGpus(suits, wanted.GpuThousandths)) < wanted.GpusPerNode)
        {
            return PlacementConstraint.FreeGpus;
        }

        if (wanted.StoragePerNode > calendar.FreeStorage || wanted.NetworkPerNode > calendar.FreeNetwork)
        {
            return PlacementConstraint.FreeStorage;
        }

        if (calendar.Later.IsEmpty || calendar.HasRoom(shape, suits, moment.Now, until, withPlaces: true, moment, out var turn))
        {
            return PlacementConstraint.Absent;
        }

        source = turn;
        if (calendar.HasRoom(shape, suits, moment.Now, until, withPlaces: false, moment, out _))
        {
            return PlacementConstraint.NotAhead;
        }

        source = HoldOf(calendar) is >= 0 and var reservation ? reservation : source;
        return PlacementConstraint.Reserved;
    }
}
