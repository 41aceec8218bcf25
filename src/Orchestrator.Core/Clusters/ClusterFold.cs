using System.Collections.Immutable;
using System.Diagnostics;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Clusters;

/// <summary>Reads a cluster's ledger: the state after each fact. It decides nothing, so that every release reads the same from the same ledger.</summary>
internal static class ClusterFold
{
    public static ClusterState Apply(ClusterState state, ClusterFact fact, DateTimeOffset at)
    {
        state = state with { Version = state.Version + 1 };
        return fact switch
        {
            ClusterFact.Requested requested => Request(state, requested.Request, at),
            ClusterFact.Withdrawn withdrawn => End(state with { Queue = state.Queue.Remove(withdrawn.Attempt.ToString()) }, withdrawn.Attempt, at),
            ClusterFact.Granted granted => Grant(state, granted, at),
            ClusterFact.Ordered ordered => Order(state, ordered),
            ClusterFact.Lost lost => Lose(state, lost, at),
            ClusterFact.Released released => Release(state, released.Attempt, at),
            ClusterFact.Vacated vacated => Vacate(state, vacated),
            ClusterFact.NodeChanged changed => ChangeNode(state, changed.Inventory, at),
            ClusterFact.NodeForgotten forgotten => state with { Nodes = state.Nodes.Remove(forgotten.Node.Value) },
            ClusterFact.PassedOver passedOver => PassOver(state, passedOver),
            ClusterFact.LossesHeld held => state with { LossesHeldSince = held.Since },
            ClusterFact.EpochsForgotten forgotten => state with { Epochs = state.Epochs.RemoveRange(forgotten.Stages) },
            _ => throw new UnreachableException($"A cluster does not know the fact {fact}."),
        };
    }

    public static string StageOf(AttemptId attempt) => $"{attempt.Simulation}/{attempt.Stage}";

    private static ClusterState Request(ClusterState state, LeaseRequest request, DateTimeOffset at) => state with
    {
        Queue = state.Queue.SetItem(request.Attempt.ToString(), new() { Request = request, Since = at }),
        Epochs = state.Epochs.SetItem(StageOf(request.Attempt), new() { Epoch = request.Attempt.Epoch }),
    };

    private static ClusterState Grant(ClusterState state, ClusterFact.Granted granted, DateTimeOffset at)
    {
        var key = granted.Attempt.ToString();
        var lease = new ClusterLease
        {
            Request = state.Queue[key].Request,
            State = LeaseState.Granted,
            Since = at,
            GrantedAt = at,
            Shares = granted.Shares,
            Order = new() { Attempt = granted.Attempt },
        };
        return Want(state with { Queue = state.Queue.Remove(key), Leases = state.Leases.SetItem(key, lease) }, lease, static (occupants, key) => occupants.Add(key));
    }

    private static ClusterState Order(ClusterState state, ClusterFact.Ordered ordered)
    {
        var key = ordered.Order.Attempt.ToString();
        var lease = state.Leases[key] with { Order = ordered.Order, Stop = ordered.Stop };
        return Want(state with { Leases = state.Leases.SetItem(key, lease) }, lease);
    }

    private static ClusterState Lose(ClusterState state, ClusterFact.Lost lost, DateTimeOffset at)
    {
        var key = lost.Attempt.ToString();
        var lease = state.Leases[key] with { State = LeaseState.Lost, Since = at, LostNode = lost.Node, LastSeen = lost.LastSeen, EndVersion = state.Version };
        return Want(state with { Leases = state.Leases.SetItem(key, lease) }, lease);
    }

    private static ClusterState Release(ClusterState state, AttemptId attempt, DateTimeOffset at)
    {
        var key = attempt.ToString();
        var before = state.Leases[key];
        var lease = before with { State = LeaseState.Unknown, Since = at, EndVersion = before.State == LeaseState.Granted ? state.Version : before.EndVersion };
        var after = End(state with { Leases = lease.IsVacated ? state.Leases.Remove(key) : state.Leases.SetItem(key, lease) }, attempt, at);
        return before.State == LeaseState.Granted ? Want(after, lease) : after;
    }

    private static ClusterState Vacate(ClusterState state, ClusterFact.Vacated vacated)
    {
        var key = vacated.Attempt.ToString();
        var lease = state.Leases[key];
        lease = lease with { Vacated = lease.Vacated.Add(vacated.Node) };
        var node = state.Nodes[vacated.Node.Value];
        return state with
        {
            Leases = lease is { State: LeaseState.Unknown, IsVacated: true } ? state.Leases.Remove(key) : state.Leases.SetItem(key, lease),
            Nodes = state.Nodes.SetItem(vacated.Node.Value, node with { Occupants = node.Occupants.Remove(key) }),
        };
    }

    private static ClusterState ChangeNode(ClusterState state, NodeInventory inventory, DateTimeOffset at)
    {
        var known = state.Nodes.GetValueOrDefault(inventory.Id.Value);
        var since = known?.Inventory.Status == inventory.Status ? known.Since : at;
        return state with { Nodes = state.Nodes.SetItem(inventory.Id.Value, (known ?? new ClusterNode()) with { Inventory = inventory, Since = since }) };
    }

    private static ClusterState PassOver(ClusterState state, ClusterFact.PassedOver passedOver)
    {
        var queue = state.Queue.ToBuilder();
        foreach (var waiting in passedOver.Waiting)
        {
            var key = waiting.Attempt.ToString();
            if (queue.TryGetValue(key, out var queued))
            {
                queue[key] = queued with { Reason = waiting.Reason };
            }
        }

        return state with { Queue = queue.ToImmutable() };
    }

    /// <summary>What is wanted on the nodes of a lease changes with this version.</summary>
    private static ClusterState Want(
        ClusterState state,
        ClusterLease lease,
        Func<ImmutableHashSet<string>, string, ImmutableHashSet<string>>? occupy = null)
    {
        var key = lease.Request.Attempt.ToString();
        var nodes = state.Nodes;
        foreach (var share in lease.Shares)
        {
            if (nodes.TryGetValue(share.Node.Value, out var node))
            {
                nodes = nodes.SetItem(share.Node.Value, node with { WantedVersion = state.Version, Occupants = occupy?.Invoke(node.Occupants, key) ?? node.Occupants });
            }
        }

        return state with { Nodes = nodes };
    }

    private static ClusterState End(ClusterState state, AttemptId attempt, DateTimeOffset at)
    {
        var stage = StageOf(attempt);
        return state.Epochs.TryGetValue(stage, out var newest) && newest.Epoch == attempt.Epoch
            ? state with { Epochs = state.Epochs.SetItem(stage, newest with { EndedAt = at }) }
            : state;
    }
}
