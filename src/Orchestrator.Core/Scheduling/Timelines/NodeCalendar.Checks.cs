using System.Numerics;

namespace Orchestrator.Core.Scheduling.Timelines;

internal sealed partial class NodeCalendar
{
    /// <summary>Whether what is free now is enough, whatever begins later. The kind must be able to hold the shape.</summary>
    public bool HasRoomNow(Shape shape, ulong suits)
    {
        var wanted = shape.Wanted;
        return shape.Cores <= FreeCores && !Alone && !(shape.Exclusive && Used)
            && wanted.MemoryPerNode <= FreeMemory && wanted.StoragePerNode <= FreeStorage && wanted.NetworkPerNode <= FreeNetwork
            && (wanted.GpusPerNode == 0 || BitOperations.PopCount(FreeGpus(suits, wanted.GpuThousandths)) >= wanted.GpusPerNode);
    }

    /// <summary>
    /// Whether nothing that people arranged forbids the time; <paramref name="until"/> comes closer where a checkpoint ends it sooner, and what forbids it is named.
    /// </summary>
    public bool IsOpen(Shape shape, long from, ref long until, in TableMoment moment, out NodeBlock by)
    {
        by = default;
        if (shape.Inside >= 0 && !IsInside(shape, from, ref until, moment, out by))
        {
            return false;
        }

        for (var at = 0; at < blocks.Length; at++)
        {
            ref readonly var block = ref blocks[at];
            if (block.From >= until)
            {
                break;
            }

            if (Math.Max(block.Until, moment.Now + 1) <= from || IsOwn(shape, block))
            {
                continue;
            }

            if (block.Soft && shape.CanCheckpoint && block.From - from >= moment.UsefulBefore(block, shape))
            {
                until = block.From;
                break;
            }

            by = block;
            return false;
        }

        return true;
    }

    /// <summary>Whether there is room for it all of the time, beside leases, holds and, if asked, what the plan keeps; <paramref name="turn"/> says whose place it is that leaves none.</summary>
    public bool HasRoom(Shape shape, ulong suits, long from, long until, bool withPlaces, in TableMoment moment, out int turn)
    {
        var gpus = suits;
        turn = -1;
        if (!HasRoomAt(from, shape, ref gpus, withPlaces, moment.Now))
        {
            turn = TurnAt(from);
            return false;
        }

        for (var at = 0; at < laterCount && later[at].From < until; at++)
        {
            if (later[at].From > from && (withPlaces || !later[at].Planned) && (TakesAll(later[at]) || !HasRoomAt(later[at].From, shape, ref gpus, withPlaces, moment.Now)))
            {
                turn = later[at].Turn;
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// The first moment from now on at which there is no room for it, where leases leave it some (<see cref="HasRoomNow"/>): it has room until any time up to that, and until none behind it.
    /// <see cref="long.MaxValue"/>: it always has; <paramref name="turn"/> says whose place it is that leaves none.
    /// </summary>
    public long RoomUntil(Shape shape, ulong suits, bool withPlaces, in TableMoment moment, out int turn)
    {
        var gpus = suits;
        turn = -1;
        if (LaterFrom > moment.Now)
        {
            // Only leases are there now, and they leave room.
            gpus = shape.Wanted.GpusPerNode > 0 ? FreeGpus(suits, shape.Wanted.GpuThousandths) : gpus;
        }
        else if (!HasRoomAt(moment.Now, shape, ref gpus, withPlaces, moment.Now))
        {
            turn = TurnAt(moment.Now);
            return moment.Now;
        }

        for (var at = 0; at < laterCount; at++)
        {
            if (later[at].From > moment.Now && (withPlaces || !later[at].Planned) && (TakesAll(later[at]) || !HasRoomAt(later[at].From, shape, ref gpus, withPlaces, moment.Now)))
            {
                turn = later[at].Turn;
                return later[at].From;
            }
        }

        return long.MaxValue;
    }

    /// <summary>Whether there is room from now until a time that is known to be open.</summary>
    public bool Fits(Shape shape, ulong suits, long until, in TableMoment moment) =>
        HasRoomNow(shape, suits) && (shape.Avoid.IsEmpty || !shape.Avoid.Contains(Node.Id))
        && (laterCount == 0 || later[0].From >= until || HasRoom(shape, suits, moment.Now, until, withPlaces: true, moment, out _));

    /// <summary>From its beginning on somebody has the node alone, whatever anybody wants of it.</summary>
    private static bool TakesAll(in Occupant entry) => entry.Exclusive && !entry.Hold && entry.Until > entry.From;

    private static bool IsOwn(Shape shape, in NodeBlock block) =>
        block.Constraint == PlacementConstraint.Reserved && (block.Source == shape.Inside || block.Source == shape.Owned);

    /// <summary>Inside of its reservation's time on this node, if the reservation has the node.</summary>
    private bool IsInside(Shape shape, long from, ref long until, in TableMoment moment, out NodeBlock by)
    {
        by = new() { Constraint = PlacementConstraint.Reserved, Source = shape.Inside, From = moment.Now, Until = long.MaxValue };
        foreach (ref readonly var block in Blocks)
        {
            if (block.Constraint == PlacementConstraint.Reserved && block.Source == shape.Inside)
            {
                return EndsInside(shape, block.From, block.Until, from, ref until, moment);
            }
        }

        foreach (ref readonly var hold in Later)
        {
            if (hold.Hold && hold.Reservation == shape.Inside)
            {
                return EndsInside(shape, hold.From, hold.Until, from, ref until, moment);
            }
        }

        return false;
    }

    private static bool EndsInside(Shape shape, long begins, long ends, long from, ref long until, in TableMoment moment)
    {
        if (from < begins)
        {
            return false;
        }

        if (until <= ends)
        {
            return true;
        }

        until = ends;
        return shape.CanCheckpoint && ends - from >= moment.Useful;
    }

    private bool HasRoomAt(long time, Shape shape, ref ulong gpus, bool withPlaces, long now)
    {
        var wanted = shape.Wanted;
        Span<int> taken = wanted.GpusPerNode > 0 ? stackalloc int[takenGpus.Length] : default;
        taken.Clear();
        var sum = new Occupant();
        var used = false;
        for (var at = 0; at < runningCount; at++)
        {
            // By their end: those that are over at a later time come first.
            if (time <= now || running[at].Until > time)
            {
                Add(ref sum, running[at], taken);
                used = true;
            }
        }

        for (var at = 0; at < laterCount && later[at].From <= time; at++)
        {
            ref readonly var entry = ref later[at];
            // A reservation whose time is over and that nobody ended ends any moment.
            if ((entry.Hold ? Math.Max(entry.Until, now + 1) : entry.Until) <= time || entry.Planned && !withPlaces)
            {
                continue;
            }

            if (!entry.Hold)
            {
                Add(ref sum, entry, taken);
                used = true;
            }
            else if (entry.Reservation == shape.Inside)
            {
                if (!FitsInside(entry, shape, ref gpus, time, withPlaces, now))
                {
                    return false;
                }
            }
            else if (entry.Reservation != shape.Owned)
            {
                var rest = Rest(entry, time, withPlaces, now);
                Add(ref sum, rest, taken);
                used = true;
            }
        }

        for (var gpu = 0; gpu < taken.Length; gpu++)
        {
            if (taken[gpu] + wanted.GpuThousandths > 1000)
            {
                gpus &= ~(1UL << gpu);
            }
        }

        return !sum.Exclusive && !(shape.Exclusive && used)
            && sum.Cores + (long)shape.Cores <= Node.Cores
            && Fits(sum.Memory, wanted.MemoryPerNode, Node.Memory) && Fits(sum.Storage, wanted.StoragePerNode, Node.Storage) && Fits(sum.Network, wanted.NetworkPerNode, Node.Network)
            && BitOperations.PopCount(gpus) >= wanted.GpusPerNode;
    }

    /// <summary>What leases hold may be more than the node has, after it came back smaller; who wants nothing of it does not care.</summary>
    private static bool Fits(long taken, long wanted, long has) => wanted == 0 || wanted <= has - taken;

    private static void Add(ref Occupant sum, in Occupant one, Span<int> taken)
    {
        sum.Cores += one.Cores;
        sum.Memory += one.Memory;
        sum.Storage += one.Storage;
        sum.Network += one.Network;
        sum.Exclusive |= one.Exclusive;
        if (taken.Length > 0)
        {
            for (var gpus = one.Gpus; gpus != 0; gpus &= gpus - 1)
            {
                taken[BitOperations.TrailingZeroCount(gpus)] += one.GpuThousandths;
            }
        }
    }

    /// <summary>What a hold keeps beyond what those inside of it use; its GPUs are wholly its own.</summary>
    private Occupant Rest(in Occupant hold, long time, bool withPlaces, long now)
    {
        var inside = Inside(hold.Reservation, time, withPlaces, now);
        var rest = hold;
        rest.Cores = Math.Max(0, hold.Cores - inside.Cores);
        rest.Memory = Math.Max(0, hold.Memory - inside.Memory);
        rest.Storage = Math.Max(0, hold.Storage - inside.Storage);
        rest.Network = Math.Max(0, hold.Network - inside.Network);
        rest.GpuThousandths = 1000;
        return rest;
    }

    private bool FitsInside(in Occupant hold, Shape shape, ref ulong gpus, long time, bool withPlaces, long now)
    {
        var inside = Inside(hold.Reservation, time, withPlaces, now);
        var wanted = shape.Wanted;
        gpus &= hold.Gpus;
        return inside.Cores + (long)shape.Cores <= hold.Cores
            && Fits(inside.Memory, wanted.MemoryPerNode, hold.Memory) && Fits(inside.Storage, wanted.StoragePerNode, hold.Storage) && Fits(inside.Network, wanted.NetworkPerNode, hold.Network)
            && !(shape.Exclusive && !hold.Exclusive);
    }

    /// <summary>What those inside of a reservation use at a time, GPUs apart: these are counted one by one anyway.</summary>
    private Occupant Inside(int reservation, long time, bool withPlaces, long now)
    {
        var sum = new Occupant();
        for (var at = 0; at < runningCount; at++)
        {
            if (running[at].Reservation == reservation && (time <= now || running[at].Until > time))
            {
                Add(ref sum, running[at], default);
            }
        }

        for (var at = 0; at < laterCount && later[at].From <= time; at++)
        {
            if (!later[at].Hold && later[at].Reservation == reservation && later[at].Until > time && (withPlaces || !later[at].Planned))
            {
                Add(ref sum, later[at], default);
            }
        }

        return sum;
    }

    private int TurnAt(long time)
    {
        for (var at = 0; at < laterCount && later[at].From <= time; at++)
        {
            if (later[at].Planned && later[at].Until > time)
            {
                return later[at].Turn;
            }
        }

        return -1;
    }
}
