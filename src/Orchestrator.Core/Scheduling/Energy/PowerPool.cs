using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Matching;

namespace Orchestrator.Core.Scheduling.Energy;

/// <summary>The nodes on which nothing runs, on or off, and who needs which of them.</summary>
internal sealed class PowerPool
{
    private readonly Dictionary<NodeId, Room> rooms = [];

    /// <summary>Those that are on first, then by rating, the best first, then by id.</summary>
    private readonly List<Room> ordered = [];

    private int unneeded;

    public PowerPool(ISchedulingView view, SchedulingPlan plan)
    {
        var used = new HashSet<NodeId>();
        foreach (var lease in view.Running)
        {
            foreach (var share in lease.Shares)
            {
                used.Add(share.Node);
            }
        }

        foreach (var placement in plan.Placements)
        {
            foreach (var share in placement.Shares)
            {
                used.Add(share.Node);
            }
        }

        foreach (var node in view.Nodes)
        {
            // A node that is off is not seen alive, and that is no sign of a fault.
            var off = node.PowerState == PowerState.Off;
            if (!node.Draining && !used.Contains(node.Id) && (off || !node.NotSeen && node.PowerState is PowerState.On or PowerState.SwitchingOn))
            {
                var room = new Room(node);
                rooms.Add(node.Id, room);
                ordered.Add(room);
            }
        }

        unneeded = ordered.Count;
        ordered.Sort(static (left, right) =>
            left.IsOff != right.IsOff ? left.IsOff.CompareTo(right.IsOff)
            : right.Rating.CompareTo(left.Rating) is var byRating and not 0 ? byRating
            : left.Node.Id.CompareTo(right.Node.Id));
    }

    /// <summary>All nodes are needed: nobody can need more.</summary>
    public bool IsExhausted => unneeded == 0;

    public IEnumerable<Room> ToSwitchOn => ordered.Where(static room => room.IsOff && room.OnNow);

    public List<SchedulableNode> IdleAndNotNeeded() => [.. ordered.Where(static room => !room.IsOff && room.NeededFor is null).Select(static room => room.Node)];

    public bool IsOff(NodeId id) => rooms.TryGetValue(id, out var room) && room.IsOff;

    /// <summary>Someone uses the node from a moment on.</summary>
    public void Need(NodeId id, DateTimeOffset from, DateTimeOffset now, string who)
    {
        if (rooms.TryGetValue(id, out var room))
        {
            NeedWhole(room, from, now, who);
        }
    }

    /// <summary>
    /// Someone who waits would use as many nodes as it wants, if they are to be had; one that it shares with others it uses in part. False: there are too few, of which it gets
    /// none, or with <paramref name="orPart"/> all, by when it starts.
    /// </summary>
    public bool Need(PendingRequest request, WaitReason reason, DateTimeOffset now, bool orPart)
    {
        var found = new List<Room>();
        foreach (var room in ordered)
        {
            if (found.Count < request.Resources.Nodes && room.Fits(request))
            {
                found.Add(room);
            }
        }

        var complete = found.Count == request.Resources.Nodes;
        if (!complete && !orPart)
        {
            return false;
        }

        var chosen = reason.Constraint == PlacementConstraint.Energy;
        foreach (var room in found)
        {
            // A start that waits for others to end comes sooner with nodes that are off; but not with one that is on too late.
            var tooLate = complete && !chosen && room.IsOff && !room.OnNow && reason.PlannedStart is { } planned && planned <= now + room.SwitchOnTime;
            if (!tooLate)
            {
                NeedWhole(room, chosen || !complete ? reason.PlannedStart ?? now : now, now, request.Attempt.ToString());
                room.Take(request);
            }
        }

        return complete;
    }

    private void NeedWhole(Room room, DateTimeOffset from, DateTimeOffset now, string who)
    {
        var early = room.IsOff ? room.SwitchOnTime : PowerPlanner.BreakEven(room.Node);
        // Too far away: until then the node may be off, or stay off.
        if (early != TimeSpan.MaxValue && from > now + early)
        {
            return;
        }

        if (room.NeededFor is null)
        {
            room.NeededFor = who;
            unneeded--;
        }

        room.OnNow |= room.IsOff;
    }

    /// <summary>One node that nothing runs on, and what is left of it after those that were counted for it.</summary>
    internal sealed class Room(SchedulableNode node)
    {
        private long cores = node.Cores;
        private long memory = node.Memory;
        private int gpus = node.Gpus.Length;
        private bool used;
        private bool closed;

        public SchedulableNode Node => node;

        public bool IsOff => node.PowerState == PowerState.Off;

        public bool OnNow { get; set; }

        public string? NeededFor { get; set; }

        public double Rating { get; } = EnergyRating.Of(node.Power, node.Cores);

        public TimeSpan SwitchOnTime => node.Power?.SwitchOnTime ?? TimeSpan.Zero;

        public bool Fits(PendingRequest request)
        {
            var wanted = request.Resources;
            return !closed && !(used && wanted.Exclusive)
                && (long)wanted.RanksPerNode * wanted.Threads <= cores
                && wanted.MemoryPerNode <= memory
                && (wanted.GpusPerNode == 0 || wanted.GpusPerNode <= gpus && Specialisation.SmallestGpu(node, request) > 0)
                && wanted.StoragePerNode <= node.Storage && wanted.NetworkPerNode <= node.Network
                && (node.User.Length == 0 || node.User == request.User)
                && !request.Avoid.Contains(node.Id)
                && HasFeatures(wanted.Features);
        }

        public void Take(PendingRequest request)
        {
            var wanted = request.Resources;
            used = true;
            closed |= wanted.Exclusive;
            cores -= (long)wanted.RanksPerNode * wanted.Threads;
            memory -= wanted.MemoryPerNode;
            gpus -= wanted.GpusPerNode;
        }

        private bool HasFeatures(ImmutableArray<string> features)
        {
            foreach (var feature in features)
            {
                if (!node.Features.Contains(feature))
                {
                    return false;
                }
            }

            return true;
        }
    }
}
