using System.Numerics;

namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>
/// What of one node is taken when: leases until their estimated end, holds and blocks of reservations and windows, and what the plan that is being made starts and keeps on it.
/// What is taken only shrinks with time but where something begins, so that a node is looked at now and at those beginnings, and nowhere else.
/// </summary>
/// <param name="node">Which one.</param>
/// <param name="kind">Of which kind it is.</param>
/// <param name="stale">Where it enters itself when what it has free differs, so that only such nodes are looked at by the next plan.</param>
internal sealed partial class NodeCalendar(SchedulableNode node, NodeKind kind, List<NodeCalendar> stale)
{
    private readonly List<LeaseShare> leases = [];

    /// <summary>What is on it now, by its end.</summary>
    private Occupant[] running = [];
    private int runningCount;

    /// <summary>What begins later, by its beginning.</summary>
    private Occupant[] later = [];
    private int laterCount;

    /// <summary>By their beginning.</summary>
    private NodeBlock[] blocks = [];

    public SchedulableNode Node { get; private set; } = node;

    public NodeKind Kind { get; set; } = kind;

    /// <summary>It is listed as one of which something differs.</summary>
    public bool IsStale { get; set; }

    /// <summary>As what its cell counts it.</summary>
    public NodeStanding Counted { get; set; }

    /// <summary>Its place among all nodes as they were told.</summary>
    public int Place { get; set; }

    /// <summary>Null until it has a place in the table.</summary>
    public NodeCell? Cell { get; set; }

    /// <summary>The number of what is arranged for it.</summary>
    public int PatternNumber { get; set; }

    /// <summary>Its place in the table: cells are together, inside a cell it is by id.</summary>
    public int Slot { get; set; }

    /// <summary>Its place among all nodes by id.</summary>
    public int Rank { get; set; }

    public int FreeCores { get; private set; }

    public long FreeMemory { get; private set; }

    public long FreeStorage { get; private set; }

    public long FreeNetwork { get; private set; }

    /// <summary>Somebody has something of it.</summary>
    public bool Used => runningCount > 0;

    /// <summary>Somebody has it alone.</summary>
    public bool Alone { get; private set; }

    /// <summary>GPUs of which nobody has anything.</summary>
    public int WholeGpus { get; private set; }

    /// <summary>The first moment at which a hold, or a place that the plan keeps, begins; <see cref="long.MaxValue"/>: never.</summary>
    public long LaterFrom => laterCount == 0 ? long.MaxValue : later[0].From;

    /// <summary>The first moment at which the plan keeps it for one that has it alone: nothing else has room until a time behind it. <see cref="long.MaxValue"/>: never.</summary>
    public long AloneFrom
    {
        get
        {
            foreach (ref readonly var entry in Later)
            {
                if (TakesAll(entry))
                {
                    return entry.From;
                }
            }

            return long.MaxValue;
        }
    }

    /// <summary>The plan that is being made took something of it.</summary>
    public bool Touched { get; set; }

    /// <summary>Whose shares it bears.</summary>
    public IEnumerable<LeaseEntry> Leases => leases.Select(static held => held.Lease);

    /// <summary>Adds those whose shares it bears and that this visit has not found yet.</summary>
    public void Visit(long visit, List<RunningLease> found)
    {
        foreach (var (lease, _) in leases)
        {
            if (lease.Visit != visit)
            {
                lease.Visit = visit;
                found.Add(lease.Lease);
            }
        }
    }

    /// <summary>From when it has power; at or before now: it has.</summary>
    public long PoweredFrom { get; private set; }

    /// <summary>Nothing new may be put on it, not even later.</summary>
    public bool Closed => Node.Draining || Node.NotSeen;

    public ReadOnlySpan<NodeBlock> Blocks => blocks;

    public ReadOnlySpan<Occupant> Running => running.AsSpan(0, runningCount);

    public ReadOnlySpan<Occupant> Later => later.AsSpan(0, laterCount);

    /// <summary>It was told anew; its leases stay.</summary>
    public void Replace(SchedulableNode with)
    {
        Node = with;
        Refresh();
    }

    public void Occupy(LeaseEntry lease, NodeShare share)
    {
        leases.Add(new(lease, share));
        Refresh();
    }

    public void Vacate(LeaseEntry lease)
    {
        if (leases.RemoveAll(held => ReferenceEquals(held.Lease, lease)) > 0)
        {
            Refresh();
        }
    }

    /// <summary>Something differs: it is counted anew by the next plan, however much that is.</summary>
    public void Refresh()
    {
        if (!IsStale)
        {
            IsStale = true;
            stale.Add(this);
        }
    }

    /// <summary>Counts anew what the leases hold. A lease may name what the node no longer has, after it came back smaller: that part takes nothing.</summary>
    private void Recount()
    {
        var cores = Math.Max(0, Node.Cores);
        Array.Resize(ref takenCores, (cores + 63) / 64);
        Array.Clear(takenCores);
        Array.Resize(ref takenGpus, Math.Min(64, Node.Gpus.Length));
        Array.Clear(takenGpus);
        WholeGpus = takenGpus.Length;
        (FreeCores, FreeMemory, FreeStorage, FreeNetwork) = (cores, Math.Max(0, Node.Memory), Math.Max(0, Node.Storage), Math.Max(0, Node.Network));
        Alone = false;
        runningCount = 0;
        foreach (var (lease, share) in leases)
        {
            Insert(new Occupant
            {
                Until = lease.Until,
                Cores = MarkCores(share.Cores),
                Memory = Math.Max(0, share.Memory),
                Storage = Math.Max(0, share.Storage),
                Network = Math.Max(0, share.Network),
                Gpus = Mask(share.Gpus),
                GpuThousandths = share.GpuThousandths,
                Exclusive = share.Exclusive,
                Reservation = lease.ReservationNumber,
                Turn = -1,
            });
        }
    }

    /// <summary>What people arranged for it, in place of what was arranged before.</summary>
    public void Arrange(Arrangement arrangement)
    {
        blocks = arrangement.Blocks;
        Grow(ref later, arrangement.Holds.Length);
        arrangement.Holds.CopyTo(later, 0);
        laterCount = arrangement.Holds.Length;
    }

    private static void Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            Array.Resize(ref array, Math.Max(4, length * 2));
        }
    }

    private void Insert(in Occupant occupant)
    {
        Grow(ref running, runningCount + 1);
        var at = runningCount++;
        while (at > 0 && running[at - 1].Until > occupant.Until)
        {
            running[at] = running[at - 1];
            at--;
        }

        running[at] = occupant;
        FreeCores -= occupant.Cores;
        FreeMemory = Math.Max(0, FreeMemory - occupant.Memory);
        FreeStorage = Math.Max(0, FreeStorage - occupant.Storage);
        FreeNetwork = Math.Max(0, FreeNetwork - occupant.Network);
        Alone |= occupant.Exclusive;
        for (var gpus = occupant.Gpus; gpus != 0; gpus &= gpus - 1)
        {
            var gpu = BitOperations.TrailingZeroCount(gpus);
            WholeGpus -= takenGpus[gpu] <= 0 ? 1 : 0;
            takenGpus[gpu] = (short)Math.Min(1000, takenGpus[gpu] + occupant.GpuThousandths);
            WholeGpus += takenGpus[gpu] <= 0 ? 1 : 0;
        }
    }

    private readonly record struct LeaseShare(LeaseEntry Lease, NodeShare Share);
}
