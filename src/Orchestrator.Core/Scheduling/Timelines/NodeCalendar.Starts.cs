using System.Numerics;

namespace Orchestrator.Core.Scheduling.Timelines;

internal sealed partial class NodeCalendar
{
    /// <summary>Adds all moments from now on at which it could start here, as spans of moments, to the list.</summary>
    public void Starts(Shape shape, ulong suits, long estimate, in TableMoment moment, StartSpans spans)
    {
        if (Closed || !shape.Avoid.IsEmpty && shape.Avoid.Contains(Node.Id))
        {
            return;
        }

        var start = Math.Max(EarliestByLeases(shape, suits, moment.Now), PoweredFrom);
        if (laterCount == 0 && blockCount == 0 && shape.Inside < 0)
        {
            spans.Add(Slot, start, long.MaxValue);
            return;
        }

        while (start < long.MaxValue)
        {
            var until = End(start, estimate);
            var next = start;
            if (IsOpen(shape, start, ref until, moment, out _) && HasRoom(shape, suits, start, until, withPlaces: true, moment, out _))
            {
                next = Last(shape, suits, start, until, estimate, moment);
                spans.Add(Slot, start, next);
            }

            start = NextEnd(next, moment.Now);
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
            if (rest.Length > 0 && rest[0].Until <= Math.Max(gone.Until, now + 1) || shape.Exclusive && rest.Length > 0)
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

    /// <summary>Until when its start may be put off, given that it may start at a moment, before it runs into what begins next.</summary>
    private long Last(Shape shape, ulong suits, long start, long until, long estimate, in TableMoment moment)
    {
        var last = long.MaxValue;
        if (shape.Inside >= 0)
        {
            last = start;
        }

        foreach (ref readonly var block in Blocks)
        {
            if (block.From > start && !IsOwn(shape, block))
            {
                last = Math.Min(last, block.Soft && shape.CanCheckpoint ? block.From - moment.Useful : Before(block.From, estimate));
                break;
            }
        }

        for (var at = 0; at < laterCount; at++)
        {
            var from = later[at].From;
            var gpus = suits;
            if (from >= until && !HasRoomAt(from, shape, ref gpus, withPlaces: true, moment.Now))
            {
                last = Math.Min(last, Before(from, estimate));
                break;
            }
        }

        return Math.Max(start, last);
    }

    private static long Before(long begins, long estimate) => estimate > begins ? long.MinValue : begins - Math.Max(1, estimate);

    /// <summary>The first end of anything after a moment.</summary>
    private long NextEnd(long after, long now)
    {
        var next = long.MaxValue;
        for (var at = 0; at < runningCount; at++)
        {
            var end = Math.Max(running[at].Until, now + 1);
            if (end > after)
            {
                next = Math.Min(next, end);
                break;
            }
        }

        for (var at = 0; at < laterCount; at++)
        {
            var end = Math.Max(later[at].Until, now + 1);
            if (end > after)
            {
                next = Math.Min(next, end);
            }
        }

        for (var at = 0; at < blockCount; at++)
        {
            var end = Math.Max(blocks[at].Until, now + 1);
            if (end > after)
            {
                next = Math.Min(next, end);
            }
        }

        return next;
    }
}
