using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Core.Clusters;

/// <summary>Between a cluster's state and a policy: the problem that a policy is given, and whether what it planned still holds.</summary>
public static class ClusterPlanning
{
    /// <summary>
    /// All nodes, whether they are seen or not: what waits for a node to come back is not told that it never fits. Shares of leases that are over count until they are free.
    /// </summary>
    public static SchedulingProblem Problem(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return new()
        {
            Nodes = [.. state.Nodes.Values.Select(Schedulable)],
            Running = [.. state.Leases.Values.Select(lease => Running(state, lease)).Where(static lease => !lease.Shares.IsEmpty)],
            Pending = [.. Order(state).Select(static (queued, rank) => new PendingRequest
            {
                Attempt = queued.Request.Attempt,
                Resources = queued.Request.Resources,
                Priority = queued.Request.Priority,
                SubmissionOrder = rank,
                DurationEstimate = queued.Request.DurationEstimate,
                Avoid = [.. queued.Request.Avoid],
                Owner = queued.Request.Owner,
                QueuedSince = queued.Since,
                DurationExpected = queued.Request.DurationExpected,
                DurationHigh = queued.Request.DurationHigh,
                JobType = queued.Request.JobType,
                Deadline = queued.Request.Deadline,
                WorkAhead = queued.Request.WorkAhead,
                Promise = queued.Request.Promise,
                Inherited = queued.Request.Inherited,
                Protected = queued.Request.Protected,
                CanCheckpoint = queued.Request.CanCheckpoint,
                Reservation = queued.Request.Reservation,
                EnergyIntensive = queued.Request.EnergyIntensive,
            })],
        };
    }

    /// <summary>The queue in the order in which it was submitted.</summary>
    internal static IEnumerable<QueuedRequest> Order(ClusterState state) => state.Queue.Values.Order(BySubmission);

    /// <summary>The queue in the order in which it is considered.</summary>
    internal static IEnumerable<QueuedRequest> Consider(ClusterState state) => state.Queue.Values.Order(ByTurn);

    /// <summary>Negative: the first is considered before the second.</summary>
    internal static int CompareTurn(QueuedRequest left, QueuedRequest right)
    {
        var byPriority = right.Request.Priority.CompareTo(left.Request.Priority);
        return byPriority != 0 ? byPriority : CompareSubmission(left, right);
    }

    /// <summary>Whether the nodes of a placement still take the attempt, and have what it is given (invariant 3).</summary>
    internal static bool Fits(ClusterState state, LeaseRequest request, Placement placement)
    {
        var wanted = request.Resources;
        if (placement.Shares.Length != wanted.Nodes || placement.Shares.Select(static share => share.Node).Distinct().Count() != wanted.Nodes)
        {
            return false;
        }

        foreach (var share in placement.Shares)
        {
            if (!state.Nodes.TryGetValue(share.Node.Value, out var node) || !Takes(node.Inventory, request) || !HasRoom(state, node, share))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a share of a lease is not free.</summary>
    internal static bool Occupies(ClusterLease lease, NodeShare share) => lease.Vacated.IsEmpty || !lease.Vacated.Contains(share.Node);

    private static readonly Comparer<QueuedRequest> BySubmission = Comparer<QueuedRequest>.Create(CompareSubmission);

    private static readonly Comparer<QueuedRequest> ByTurn = Comparer<QueuedRequest>.Create(CompareTurn);

    private static int CompareSubmission(QueuedRequest left, QueuedRequest right)
    {
        var (l, r) = (left.Request, right.Request);
        var order = l.SubmittedAt.CompareTo(r.SubmittedAt);
        order = order != 0 ? order : l.Order.CompareTo(r.Order);
        order = order != 0 ? order : l.Attempt.Simulation.CompareTo(r.Attempt.Simulation);
        order = order != 0 ? order : string.CompareOrdinal(l.Attempt.Stage, r.Attempt.Stage);
        return order != 0 ? order : l.Attempt.Epoch.CompareTo(r.Attempt.Epoch);
    }

    private static RunningLease Running(ClusterState state, ClusterLease lease) => new()
    {
        Attempt = lease.Request.Attempt,
        Shares = [.. lease.Shares.Where(share => Occupies(lease, share) && state.Nodes.ContainsKey(share.Node.Value))],
        Resources = lease.Request.Resources,
        Priority = lease.Request.Priority,
        Owner = lease.Request.Owner,
        JobType = lease.Request.JobType,
        StartedAt = lease.GrantedAt,
        EndsBy = lease.GrantedAt + lease.Request.DurationEstimate,
        EndExpected = lease.GrantedAt + lease.Request.DurationExpected,
        Deadline = lease.Request.Deadline,
        Protected = lease.Request.Protected,
        CanCheckpoint = lease.Request.CanCheckpoint,
        RestartCost = lease.Request.RestartCost,
        StopBy = lease.Order.StopBy,
        Reservation = lease.Request.Reservation,
        Ending = lease.State != LeaseState.Granted,
    };

    private static SchedulableNode Schedulable(ClusterNode node) => new()
    {
        Id = node.Inventory.Id,
        Cores = node.Inventory.Capabilities.Cores,
        Memory = node.Inventory.Capabilities.Memory,
        Gpus = [.. node.Inventory.Capabilities.Gpus.Select(static gpu => new SchedulableGpu { Model = gpu.Model, Memory = gpu.Memory, ComputeCapability = gpu.ComputeCapability })],
        AllocationEnd = node.Inventory.AllocationEnd,
        Draining = node.Inventory.Drain != NodeVerb.Absent,
        NotSeen = node.Inventory.Status != NodeStatus.Alive,
        User = node.Inventory.User,
        Storage = node.Inventory.Capabilities.Storage,
        Network = node.Inventory.Capabilities.Network,
        Features = node.Inventory.Capabilities.Features,
        Topology = node.Inventory.Capabilities.Topology,
        Kind = node.Inventory.Capabilities.Kind,
        Power = node.Inventory.Capabilities.Power,
    };

    private static bool Takes(NodeInventory node, LeaseRequest request) =>
        node is { Status: NodeStatus.Alive, Drain: NodeVerb.Absent } && (node.User.Length == 0 || node.User == request.Owner.User) && !request.Avoid.Contains(node.Id);

    private static bool HasRoom(ClusterState state, ClusterNode node, NodeShare share)
    {
        var has = node.Inventory.Capabilities;
        var cores = share.Cores.ToHashSet();
        var gpus = share.Gpus.ToHashSet();
        if (cores.Count != share.Cores.Length || gpus.Count != share.Gpus.Length || cores.Any(core => core < 0 || core >= has.Cores) || gpus.Any(gpu => gpu < 0 || gpu >= has.Gpus.Length))
        {
            return false;
        }

        if (share.Exclusive && !node.Occupants.IsEmpty)
        {
            return false;
        }

        var memory = share.Memory;
        foreach (var occupant in node.Occupants)
        {
            var taken = ShareOf(state.Leases[occupant], node.Inventory.Id);
            memory += taken.Memory;
            if (taken.Exclusive || cores.Overlaps(taken.Cores) || gpus.Overlaps(taken.Gpus))
            {
                return false;
            }
        }

        return memory <= has.Memory || share.Memory == 0;
    }

    internal static NodeShare ShareOf(ClusterLease lease, NodeId node) => lease.Shares.First(share => share.Node == node);
}
