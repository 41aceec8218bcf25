using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>What the table knows of all requests of one shape: the kinds of nodes that could hold one, and, during one plan, what was found to be impossible.</summary>
internal sealed class Shape
{
    // The plans in which the two limits below were found: a length of long.MaxValue alone does not tell "none" from "unknown lengths".
    private long noRoomIn = -1;
    private long noPlaceIn = -1;
    private WaitReason? said;

    public Shape(ShapeKey key)
    {
        var wanted = key.Resources;
        Key = key;
        Cores = (int)Math.Min(int.MaxValue, (long)wanted.RanksPerNode * wanted.Threads);
        IsValid = wanted is { Nodes: >= 1, RanksPerNode: >= 1, Threads: >= 1, MemoryPerNode: >= 0, GpusPerNode: >= 0, GpuMemory: >= 0, GpuThousandths: >= 1 and <= 1000, StoragePerNode: >= 0, NetworkPerNode: >= 0 };
        Licences = [.. wanted.Licences];
        foreach (var licence in Licences)
        {
            IsValid &= licence.Value >= 1;
        }
    }

    public ShapeKey Key { get; }

    public ResourceRequest Wanted => Key.Resources;

    public int Nodes => Key.Resources.Nodes;

    /// <summary>On each node; a product too large for a number is more than any node has.</summary>
    public int Cores { get; }

    /// <summary>On each node, if it wants them whole; 0: parts of GPUs are enough.</summary>
    public int WholeGpus => Key.Resources.GpuThousandths >= 1000 ? Key.Resources.GpusPerNode : 0;

    public bool Exclusive => Key.Resources.Exclusive;

    public ImmutableHashSet<NodeId> Avoid => Key.Avoid;

    public bool CanCheckpoint => Key.CanCheckpoint;

    public bool Protected => Key.Protected;

    public ImmutableArray<KeyValuePair<string, int>> Licences { get; }

    public bool IsValid { get; }

    /// <summary>The reservation inside of which it runs, by its number in the table; -1: outside of all.</summary>
    public int Inside { get; set; } = -1;

    /// <summary>The reservation that does not keep it off, by its number; -1: none.</summary>
    public int Owned { get; set; } = -1;

    /// <summary>It names a reservation that it may not use now.</summary>
    public bool ReservationClosed { get; set; }

    /// <summary>To which state of nodes and context the members above and below belong.</summary>
    public int LayoutVersion { get; set; } = -1;

    /// <summary>Of each kind of node: which GPUs suit; meaningless where <see cref="Refusals"/> has a constraint.</summary>
    public ulong[] Suits { get; set; } = [];

    /// <summary>Of each kind of node: what an empty one lacks; absent: nothing.</summary>
    public PlacementConstraint[] Refusals { get; set; } = [];

    /// <summary>Numbers of the kinds that could hold one, the cheapest first.</summary>
    public int[] Kinds { get; set; } = [];

    /// <summary>Of each of <see cref="Kinds"/>, what the preference says.</summary>
    public double[] Costs { get; set; } = [];

    /// <summary>Why no machine state lets it start; null: some could.</summary>
    public WaitReason? Never { get; set; }

    /// <summary>The plan to which what follows belongs.</summary>
    public long Plan { get; set; } = -1;

    public bool CostsKnown { get; set; }

    /// <summary>One that runs so long or longer does not fit now: a plan only takes room, so this stays true to its end.</summary>
    public long NoRoomFrom { get; set; }

    /// <summary>One that runs so long or longer finds no place in time.</summary>
    public long NoPlaceFrom { get; set; }

    public WaitReason? Reason { get; set; }

    public long ReasonEstimate { get; set; }

    public int ReasonsFound { get; set; }

    /// <summary>What keeps it off nodes that have the cores, by cells, as of one state of the table.</summary>
    public List<RoomBound> Bounds { get; } = [];

    /// <summary>That state; -1: none.</summary>
    public long BoundsOf { get; set; } = -1;

    /// <summary>Forgets what an earlier plan found.</summary>
    public void Open(long plan)
    {
        if (Plan != plan)
        {
            Plan = plan;
            CostsKnown = false;
            NoRoomFrom = NoPlaceFrom = long.MaxValue;
            (Reason, ReasonEstimate, ReasonsFound) = (null, 0, 0);
        }
    }

    /// <summary>Whether one of this length is known to find no room now.</summary>
    public bool HasNoRoom(long estimate) => noRoomIn == Plan && estimate >= NoRoomFrom;

    /// <summary>One of this length found no room now.</summary>
    public void SetNoRoom(long estimate)
    {
        NoRoomFrom = Math.Min(NoRoomFrom, estimate);
        noRoomIn = Plan;
    }

    /// <summary>Whether one of this length is known to find no place in time.</summary>
    public bool HasNoPlace(long estimate) => noPlaceIn == Plan && estimate >= NoPlaceFrom;

    /// <summary>One of this length found no place in time.</summary>
    public void SetNoPlace(long estimate)
    {
        NoPlaceFrom = Math.Min(NoPlaceFrom, estimate);
        noPlaceIn = Plan;
    }

    /// <summary>Why it waits; the same object as in an earlier plan if that said the same.</summary>
    public WaitReason Say(PlacementConstraint constraint, int nodesLeft, string? whom)
    {
        if (said is null || said.Constraint != constraint || said.NodesLeft != nodesLeft || said.For != whom)
        {
            said = new() { Constraint = constraint, NodesNeeded = Nodes, NodesLeft = nodesLeft, For = whom };
        }

        return said;
    }
}
