using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Reservations;

namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>
/// Concrete nodes, what runs on them and what is arranged for them, kept from plan to plan; and the places that one plan takes on them. Nodes that are alike are neighbours and are asked
/// about once; how many cores are free is one row of numbers, so that full nodes cost next to nothing.
/// </summary>
internal sealed partial class NodeTable
{
    private readonly Dictionary<NodeId, NodeCalendar> byId = [];
    private readonly Dictionary<AttemptId, LeaseEntry> leases = [];

    /// <summary>The same leases, side by side: each rule of each plan looks at all of them.</summary>
    private readonly List<RunningLease> leaseList = [];
    private readonly List<LeaseEntry> entryList = [];

    /// <summary>Those that were asked to leave: for no others does what is seen of their end change with time.</summary>
    private readonly List<LeaseEntry> leaving = [];
    private readonly List<RunningLease> leasesFound = [];
    private long visit;
    private readonly Dictionary<NodeKindKey, NodeKind> kinds = [];

    /// <summary>All nodes, side by side: each rule of each plan looks at all of them.</summary>
    private readonly List<SchedulableNode> nodeList = [];
    private readonly List<NodeCalendar> calendarList = [];

    /// <summary>Leases with shares of nodes that are not known.</summary>
    private readonly HashSet<LeaseEntry> incomplete = [];

    private NodeCalendar[] slots = [];
    private NodeKind[] kindList = [];

    /// <summary>Of each slot: cores that may be given out now; -1: none, whatever is asked for.</summary>
    private int[] freeCores = [];

    /// <summary>Of each slot: the same while nobody has anything of it; -1: somebody has, and it is not for who wants it alone.</summary>
    private int[] wholeCores = [];

    /// <summary>Of each slot: bytes that nobody holds now.</summary>
    private long[] freeMemory = [];

    /// <summary>Of each slot: GPUs of which nobody has anything.</summary>
    private int[] wholeGpus = [];

    /// <summary>Of each slot: from when on a hold or a place in time is there, and from when on somebody has it alone; <see cref="long.MaxValue"/>: never.</summary>
    private long[] laterFrom = [];
    private long[] aloneFrom = [];

    /// <summary>By level of topology: of each slot, the number of its part; -1: it is in none.</summary>
    private readonly Dictionary<string, int[]> partsOfLevel = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> partCounts = new(StringComparer.Ordinal);

    private readonly SortedDictionary<string, ProcessorPool> licences = new(StringComparer.Ordinal);
    private SchedulingContext context = new();
    private ImmutableArray<Reservation> reservations = [];
    private bool nodesChanged = true;
    private bool contextChanged = true;
    private bool usersMatter;
    private int layoutVersion;
    private long plan;
    private TableMoment moment;

    public IReadOnlyCollection<SchedulableNode> Nodes => nodeList;

    public IReadOnlyCollection<RunningLease> Leases => leaseList;

    public int NodeCount => byId.Count;

    public ReadOnlySpan<NodeCalendar> Calendars => slots;

    public SchedulingContext Context => context;

    public TableMoment Moment => moment;

    /// <summary>Those that are not over, by id: their place here is their number.</summary>
    public ImmutableArray<Reservation> Reservations => reservations;

    /// <summary>So much is told next.</summary>
    public void Reserve(int nodeCount, int leaseCount)
    {
        byId.EnsureCapacity(nodeCount);
        nodeList.EnsureCapacity(nodeCount);
        calendarList.EnsureCapacity(nodeCount);
        stale.EnsureCapacity(nodeCount);
        leases.EnsureCapacity(leaseCount);
        leaseList.EnsureCapacity(leaseCount);
        entryList.EnsureCapacity(leaseCount);
    }

    /// <summary>Adds the node, or replaces what was known of it. False: nothing was known of it.</summary>
    public bool SetNode(SchedulableNode node)
    {
        if (byId.TryGetValue(node.Id, out var calendar))
        {
            nodesChanged |= calendar.Node.AllocationEnd != node.AllocationEnd || !calendar.Node.Topology.AsSpan().SequenceEqual(node.Topology.AsSpan())
                || !calendar.Kind.Key.Equals(new NodeKindKey(node));
            nodeList[calendar.Place] = node;
            calendar.Replace(node);
            return true;
        }

        calendar = new(node, Unplaced, stale) { Place = nodeList.Count };
        calendar.Refresh();
        byId.Add(node.Id, calendar);
        nodeList.Add(node);
        calendarList.Add(calendar);
        nodesChanged = true;
        foreach (var lease in incomplete)
        {
            OccupyOn(lease, calendar);
        }

        incomplete.RemoveWhere(IsComplete);
        return false;
    }

    public void RemoveNode(NodeId node)
    {
        if (byId.Remove(node, out var calendar))
        {
            nodesChanged = true;
            var last = calendarList[^1];
            (calendarList[calendar.Place], nodeList[calendar.Place], last.Place) = (last, last.Node, calendar.Place);
            calendarList.RemoveAt(calendarList.Count - 1);
            nodeList.RemoveAt(nodeList.Count - 1);
            incomplete.UnionWith(calendar.Leases);
        }
    }

    /// <summary>Adds a running attempt, or replaces what was known of it. Shares of nodes that are not known count once these are.</summary>
    public void SetLease(RunningLease lease)
    {
        var entry = new LeaseEntry(lease) { ReservationNumber = NumberOf(lease) };
        entry.Open(moment.Now, StuckAfter);
        if (!leases.TryAdd(lease.Attempt, entry))
        {
            EndLease(lease.Attempt);
            leases.Add(lease.Attempt, entry);
        }

        entry.Place = entryList.Count;
        entryList.Add(entry);
        leaseList.Add(lease);
        if (lease.StopBy is not null)
        {
            leaving.Add(entry);
        }

        foreach (var share in lease.Shares)
        {
            if (byId.TryGetValue(share.Node, out var calendar))
            {
                calendar.Occupy(entry, share);
            }
            else
            {
                incomplete.Add(entry);
            }
        }

        Count(entry, +1);
    }

    public bool EndLease(AttemptId attempt)
    {
        if (!leases.Remove(attempt, out var entry))
        {
            return false;
        }

        var last = entryList[^1];
        (entryList[entry.Place], leaseList[entry.Place], last.Place) = (last, last.Lease, entry.Place);
        entryList.RemoveAt(entryList.Count - 1);
        leaseList.RemoveAt(leaseList.Count - 1);
        incomplete.Remove(entry);
        if (entry.Lease.StopBy is not null)
        {
            leaving.Remove(entry);
        }

        foreach (var share in entry.Lease.Shares)
        {
            if (byId.TryGetValue(share.Node, out var calendar))
            {
                calendar.Vacate(entry);
            }
        }

        Count(entry, -1);
        return true;
    }

    /// <summary>All that hold something of any of these nodes, or of one that is not known, each once. Good until it is asked again.</summary>
    public IReadOnlyCollection<RunningLease> LeasesOn(IEnumerable<NodeId> nodes)
    {
        visit++;
        leasesFound.Clear();
        foreach (var node in nodes)
        {
            if (byId.TryGetValue(node, out var calendar))
            {
                calendar.Visit(visit, leasesFound);
            }
        }

        // Of nodes that are not known nobody can say who is there.
        foreach (var lease in incomplete)
        {
            if (lease.Visit != visit)
            {
                lease.Visit = visit;
                leasesFound.Add(lease.Lease);
            }
        }

        return leasesFound;
    }

    public SchedulableNode? NodeOf(NodeId node) => byId.TryGetValue(node, out var calendar) ? calendar.Node : null;

    public bool HasNode(NodeId node) => byId.ContainsKey(node);

    public bool HasLease(AttemptId attempt) => leases.ContainsKey(attempt);

    /// <summary>A node that is not known, and that a lease has shares of; null: there is none.</summary>
    public NodeId? Unknown
    {
        get
        {
            foreach (var lease in incomplete)
            {
                foreach (var share in lease.Lease.Shares)
                {
                    if (!byId.ContainsKey(share.Node))
                    {
                        return share.Node;
                    }
                }
            }

            return null;
        }
    }

    /// <summary>How long a victim may overstay before its nodes are not counted on.</summary>
    public TimeSpan StuckAfter { get; set; } = TimeSpan.FromMinutes(5);

    public void SetContext(SchedulingContext with)
    {
        // What changes with every lease, such as usage, must not cost a new layout.
        contextChanged |= !context.Windows.AsSpan().SequenceEqual(with.Windows.AsSpan()) || !context.Reservations.AsSpan().SequenceEqual(with.Reservations.AsSpan())
            || !ReferenceEquals(context.Licences, with.Licences);
        context = with;
    }

    private static NodeKind Unplaced { get; } = new(new(new()));

    private bool IsComplete(LeaseEntry lease)
    {
        foreach (var share in lease.Lease.Shares)
        {
            if (!byId.ContainsKey(share.Node))
            {
                return false;
            }
        }

        return true;
    }

    private static void OccupyOn(LeaseEntry lease, NodeCalendar calendar)
    {
        foreach (var share in lease.Lease.Shares)
        {
            if (share.Node == calendar.Node.Id)
            {
                calendar.Occupy(lease, share);
            }
        }
    }
}
