using System.Numerics;

namespace Orchestrator.Core.Scheduling.Timelines;

internal sealed partial class NodeCalendar
{
    /// <summary>
    /// Adds all moments from now on at which it could start here, as spans of moments, to the list. <paramref name="open"/> has those at which nothing that is arranged forbids it,
    /// which are the same for all nodes of a pattern.
    /// </summary>
    public void Starts(Shape shape, ulong suits, long estimate, in TableMoment moment, ReadOnlySpan<OpenSpan> open, StartSpans spans)
    {
        if (Closed || !shape.Avoid.IsEmpty && shape.Avoid.Contains(Node.Id))
        {
            return;
        }

        var start = Math.Max(EarliestByLeases(shape, suits, moment.Now), PoweredFrom);
        if (start == long.MaxValue)
        {
            return;
        }

        if (laterCount == 0)
        {
            foreach (var (first, last) in open)
            {
                spans.Add(Slot, Math.Max(first, start), last);
            }

            return;
        }

        while (start < long.MaxValue)
        {
            var until = End(start, estimate);
            var next = start;
            if (IsOpen(shape, start, ref until, moment, out _) && HasRoom(shape, suits, start, until, withPlaces: true, moment, out _))
            {
                next = Math.Min(LastOpen(shape, start, estimate, moment), LastWithRoom(shape, suits, until, estimate, moment));
                next = Math.Max(start, next);
                spans.Add(Slot, start, next);
            }

            start = NextEnd(next, moment.Now);
        }
    }

    /// <summary>All moments from now on at which nothing that is arranged for this node, and for all of its pattern, forbids a start.</summary>
    public void OpenStarts(Shape shape, long estimate, in TableMoment moment, List<OpenSpan> open)
    {
        for (var start = moment.Now; start < long.MaxValue;)
        {
            var until = End(start, estimate);
            var next = start;
            if (IsOpen(shape, start, ref until, moment, out _))
            {
                next = Math.Max(start, LastOpen(shape, start, estimate, moment));
                open.Add(new(start, next));
            }

            start = NextArrangedEnd(next, moment.Now);
        }
    }

    /// <summary>GPUs that are free for it all of a later time; there are enough, or it would not be kept.</summary>
    public ulong ChooseGpusAt(Shape shape, ulong suits, long from, long until, in TableMoment moment)
    {
        var missing = shape.Wanted.GpusPerNode;
        if (missing == 0)
        {
            return 0;
        }

        var gpus = suits;
        HasRoomAt(from, shape, ref gpus, withPlaces: true, moment.Now);
        for (var at = 0; at < laterCount && later[at].From < until; at++)
        {
            if (later[at].From > from)
            {
                HasRoomAt(later[at].From, shape, ref gpus, withPlaces: true, moment.Now);
            }
        }

        var chosen = 0UL;
        for (; gpus != 0 && missing > 0; gpus &= gpus - 1, missing--)
        {
            chosen |= gpus & ~(gpus - 1);
        }

        return chosen;
    }

    /// <summary>When something that starts at a moment ends; an estimate of nothing still takes an instant.</summary>
    public static long End(long start, long estimate) => estimate >= long.MaxValue - start ? long.MaxValue : start + Math.Max(1, estimate);

    /// <summary>The first moment at which leases, and what the plan started, leave room for it. From then on they do, since they only end.</summary>
    private long EarliestByLeases(Shape shape, ulong suits, long now)
    {
        if (HasRoomNow(shape, suits))
        {
            return now;
        }

        if (shape.Exclusive && runningCount > 0)
        {
            // The last has to go, and then it is empty.
            var last = running[runningCount - 1].Until;
            return last == long.MaxValue ? last : Math.Max(last, now + 1);
        }

        var wanted = shape.Wanted;
        long cores = 0, memory = 0, storage = 0, network = 0;
        for (var at = 0; at < runningCount; at++)
        {
            cores += running[at].Cores;
            memory += running[at].Memory;
            storage += running[at].Storage;
            network += running[at].Network;
        }

        for (var at = 0; at < runningCount; at++)
        {
            ref readonly var gone = ref running[at];
            if (gone.Until == long.MaxValue)
            {
                break;
            }

            cores -= gone.Cores;
            memory -= gone.Memory;
            storage -= gone.Storage;
            network -= gone.Network;
            var rest = running.AsSpan(at + 1, runningCount - at - 1);
            if (rest.Length > 0 && rest[0].Until <= Math.Max(gone.Until, now + 1))
            {
                continue;
            }

            if (cores + shape.Cores <= Node.Cores && Fits(memory, wanted.MemoryPerNode, Node.Memory) && Fits(storage, wanted.StoragePerNode, Node.Storage)
                && Fits(network, wanted.NetworkPerNode, Node.Network) && !AnyAlone(rest) && HasGpus(rest, suits, wanted.GpusPerNode, wanted.GpuThousandths))
            {
                return Math.Max(gone.Until, now + 1);
            }
        }

        return long.MaxValue;
    }

    private static bool AnyAlone(ReadOnlySpan<Occupant> rest)
    {
        foreach (ref readonly var occupant in rest)
        {
            if (occupant.Exclusive)
            {
                return true;
            }
        }

        return false;
    }

    private bool HasGpus(ReadOnlySpan<Occupant> rest, ulong suits, int count, int thousandths)
    {
        if (count == 0)
        {
            return true;
        }

        Span<int> taken = stackalloc int[takenGpus.Length];
        taken.Clear();
        var sum = new Occupant();
        foreach (ref readonly var occupant in rest)
        {
            Add(ref sum, occupant, taken);
        }

        for (var gpu = 0; gpu < taken.Length; gpu++)
        {
            if (taken[gpu] + thousandths > 1000)
            {
                suits &= ~(1UL << gpu);
            }
        }

        return BitOperations.PopCount(suits) >= count;
    }

    /// <summary>Until when its start may be put off, given that it is open at a moment, before it runs into what is arranged next.</summary>
    private long LastOpen(Shape shape, long start, long estimate, in TableMoment moment)
    {
        var last = long.MaxValue;
        if (shape.Inside >= 0 && InsideEnd(shape.Inside) is var end && end < long.MaxValue)
        {
            last = shape.CanCheckpoint ? end - moment.Useful : Before(end, estimate);
        }

        foreach (ref readonly var block in Blocks)
        {
            if (block.From > start && !IsOwn(shape, block))
            {
                return Math.Min(last, block.Soft && shape.CanCheckpoint ? block.From - moment.UsefulBefore(block, shape) : Before(block.From, estimate));
            }
        }

        return last;
    }

    private long InsideEnd(int reservation)
    {
        foreach (ref readonly var block in Blocks)
        {
            if (block.Constraint == PlacementConstraint.Reserved && block.Source == reservation)
            {
                return block.Until;
            }
        }

        foreach (ref readonly var entry in Later)
        {
            if (entry.Hold && entry.Reservation == reservation)
            {
                return entry.Until;
            }
        }

        return long.MaxValue;
    }

    /// <summary>Until when its start may be put off, given that it has room from a moment until another, before what begins later leaves it none.</summary>
    private long LastWithRoom(Shape shape, ulong suits, long until, long estimate, in TableMoment moment)
    {
        for (var at = 0; at < laterCount; at++)
        {
            var from = later[at].From;
            var gpus = suits;
            if (from >= until && !HasRoomAt(from, shape, ref gpus, withPlaces: true, moment.Now))
            {
                return Before(from, estimate);
            }
        }

        return long.MaxValue;
    }

    private static long Before(long begins, long estimate) => estimate > begins ? long.MinValue : begins - Math.Max(1, estimate);

    /// <summary>The first end of anything after a moment.</summary>
    private long NextEnd(long after, long now)
    {
        var next = NextArrangedEnd(after, now);
        for (var at = 0; at < runningCount; at++)
        {
            var end = Math.Max(running[at].Until, now + 1);
            if (end > after)
            {
                return Math.Min(next, end);
            }
        }

        return next;
    }

    /// <summary>The first end of anything that begins later, or is arranged, after a moment.</summary>
    private long NextArrangedEnd(long after, long now)
    {
        var next = long.MaxValue;
        foreach (ref readonly var entry in Later)
        {
            var end = Math.Max(entry.Until, now + 1);
            next = end > after ? Math.Min(next, end) : next;
        }

        foreach (ref readonly var block in Blocks)
        {
            var end = Math.Max(block.Until, now + 1);
            next = end > after ? Math.Min(next, end) : next;
        }

        return next;
    }
}
