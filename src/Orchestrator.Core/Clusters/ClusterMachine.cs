using System.Collections.Immutable;
using System.Diagnostics;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Clusters;

/// <summary>
/// The rules of a cluster: which facts follow from what happens. An attempt goes through
/// <code>
/// Unknown --requested--> Queued --granted--> Granted --node lost--> Lost
///    ^                     |                    |                     |
///    +-----withdrawn-------+------released------+------released-------+     (shares stay occupied until their node is free of processes)
/// </code>
/// A newer epoch of a stage ends whatever an older one has; an older one is never let in again (invariant 2). Everything else is decided by the plan.
/// </summary>
public static class ClusterMachine
{
    /// <summary>The facts that follow, in order; none when nothing changes. They are stored together or not at all.</summary>
    public static IReadOnlyList<ClusterFact> Decide(ClusterState state, ClusterInput input, ClusterPolicy policy, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(policy);
        var draft = new Draft(state, now);
        switch (input)
        {
            case ClusterInput.Requested requested:
                Request(draft, requested.Request);
                break;
            case ClusterInput.Released released:
                Release(draft, released.Attempt);
                break;
            case ClusterInput.Ordered ordered:
                Order(draft, ordered.Order);
                break;
            case ClusterInput.Observed observed:
                Observe(draft, observed.Node);
                if (ClusterLosses.IsTooSmall(draft.State, policy))
                {
                    TakeLosses(draft);
                }

                break;
            case ClusterInput.Surveyed surveyed:
                Survey(draft, surveyed.Nodes, policy);
                break;
            case ClusterInput.Planned planned:
                Plan(draft, planned.Plan);
                break;
            case ClusterInput.Tidied:
                Tidy(draft, policy);
                break;
            default:
                throw new UnreachableException($"A cluster cannot take {input}.");
        }

        return draft.Facts;
    }

    /// <summary>The state after a fact.</summary>
    public static ClusterState Apply(ClusterState state, ClusterFact fact, DateTimeOffset at) => ClusterFold.Apply(state, fact, at);

    /// <summary>Nodes are lost that leases wait for, and all nodes must be looked at before that is decided.</summary>
    public static bool NeedsSurvey(ClusterState state, ClusterPolicy policy) => !ClusterLosses.IsTooSmall(state, policy) && ClusterLosses.IsAnyPending(state);

    /// <summary>Where an attempt stands.</summary>
    public static LeaseStatus StatusOf(ClusterState state, AttemptId attempt)
    {
        ArgumentNullException.ThrowIfNull(state);
        var key = attempt.ToString();
        if (state.Queue.TryGetValue(key, out var queued))
        {
            return new()
            {
                Attempt = attempt,
                State = LeaseState.Queued,
                Since = queued.Since,
                Reason = queued.Reason,
                Ahead = state.Queue.Values.Count(other => ClusterPlanning.CompareTurn(other, queued) < 0),
            };
        }

        return state.Leases.TryGetValue(key, out var lease) && lease.State != LeaseState.Unknown ? StatusOf(state, lease) : new() { Attempt = attempt, State = LeaseState.Unknown };
    }

    /// <summary>Where all attempts of the queue stand, in the order in which they are considered.</summary>
    public static ImmutableArray<LeaseStatus> QueueOf(ClusterState state) =>
    [
        .. ClusterPlanning.Consider(state).Select(static (queued, ahead) => new LeaseStatus
        {
            Attempt = queued.Request.Attempt,
            State = LeaseState.Queued,
            Since = queued.Since,
            Reason = queued.Reason,
            Ahead = ahead,
        }),
    ];

    /// <summary>Where all attempts stand that hold nodes or lost them, by the time of their grant.</summary>
    public static ImmutableArray<LeaseStatus> LeasesOf(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return
        [
            .. state.Leases.Where(static pair => pair.Value.State != LeaseState.Unknown)
                .OrderBy(static pair => pair.Value.GrantedAt).ThenBy(static pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => StatusOf(state, pair.Value)),
        ];
    }

    /// <summary>The leases that a node is to hold, in the order of their attempts.</summary>
    public static ImmutableArray<WantedLease> WantedOf(ClusterState state, NodeId node)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!state.Nodes.TryGetValue(node.Value, out var known))
        {
            return [];
        }

        return
        [
            .. known.Occupants.Order(StringComparer.Ordinal).Select(occupant => state.Leases[occupant]).Where(static lease => lease.State == LeaseState.Granted)
                .Select(lease => new WantedLease
                {
                    Attempt = lease.Request.Attempt,
                    Share = ClusterPlanning.ShareOf(lease, node),
                    IsLead = lease.Shares[0].Node == node,
                    Shares = lease.Shares,
                    Order = lease.Order,
                }),
        ];
    }

    private static LeaseStatus StatusOf(ClusterState state, ClusterLease lease)
    {
        var status = new LeaseStatus { Attempt = lease.Request.Attempt, State = lease.State, Since = lease.Since, Shares = lease.Shares };
        return lease.State == LeaseState.Lost
            ? status with { LostNode = lease.LostNode, SeenDead = lease.IsVacated, LastSeen = lease.LastSeen }
            : status with
            {
                Stop = lease.Stop,
                AllocationEnd = lease.Shares.Select(share => state.Nodes.GetValueOrDefault(share.Node.Value)?.Inventory.AllocationEnd).Min(),
            };
    }

    private static void Request(Draft draft, LeaseRequest request)
    {
        var attempt = request.Attempt;
        var newest = draft.State.Epochs.GetValueOrDefault(ClusterFold.StageOf(attempt))?.Epoch ?? 0;
        if (attempt.Epoch <= newest)
        {
            // A repeat, or it comes too late.
            return;
        }

        if (newest > 0)
        {
            Release(draft, attempt with { Epoch = newest });
        }

        draft.Add(new ClusterFact.Requested { Request = request });
    }

    private static void Release(Draft draft, AttemptId attempt)
    {
        var key = attempt.ToString();
        if (draft.State.Queue.ContainsKey(key))
        {
            draft.Add(new ClusterFact.Withdrawn { Attempt = attempt });
        }
        else if (draft.State.Leases.TryGetValue(key, out var lease) && lease.State != LeaseState.Unknown)
        {
            draft.Add(new ClusterFact.Released { Attempt = attempt });
        }
    }

    private static void Order(Draft draft, LeaseOrder order, StopReason stop = StopReason.Absent)
    {
        if (!draft.State.Leases.TryGetValue(order.Attempt.ToString(), out var lease) || lease.State != LeaseState.Granted)
        {
            return;
        }

        // The newest checkpoint and the earliest stop: a repeat, an older number and a later stop change nothing.
        var isEarlier = order.StopBy is { } by && (lease.Order.StopBy is not { } known || by < known);
        var merged = lease.Order with
        {
            Attempt = order.Attempt,
            Checkpoint = Math.Max(order.Checkpoint, lease.Order.Checkpoint),
            StopBy = isEarlier ? order.StopBy : lease.Order.StopBy,
            Reason = isEarlier ? order.Reason : lease.Order.Reason,
        };
        var asked = stop == StopReason.Absent ? lease.Stop : stop;
        if (merged != lease.Order || asked != lease.Stop)
        {
            draft.Add(new ClusterFact.Ordered { Order = merged, Stop = asked });
        }
    }

    private static void Observe(Draft draft, NodeObservation seen)
    {
        var inventory = seen.Inventory;
        var known = draft.State.Nodes.GetValueOrDefault(inventory.Id.Value);
        if (known is not null && inventory.Version < known.Inventory.Version)
        {
            // Overtaken on its way by a newer one.
            return;
        }

        var rebooted = known is not null && known.Inventory.BootId.Length > 0 && inventory.BootId.Length > 0 && known.Inventory.BootId != inventory.BootId;
        if (known is null || !known.Inventory.IsLike(inventory))
        {
            draft.Add(new ClusterFact.NodeChanged { Inventory = inventory });
        }

        var isDead = rebooted || inventory.Status == NodeStatus.SeenDead;
        foreach (var occupant in OccupantsOf(draft.State, inventory.Id))
        {
            var lease = draft.State.Leases[occupant];
            var attempt = lease.Request.Attempt;
            if (lease.State == LeaseState.Granted && isDead)
            {
                draft.Add(new ClusterFact.Lost { Attempt = attempt, Node = inventory.Id, LastSeen = inventory.LastSeen });
            }
            else if (lease is { State: LeaseState.Granted, Stop: StopReason.Absent } && inventory.Drain == NodeVerb.Drain)
            {
                Order(draft, new() { Attempt = attempt, StopBy = draft.Now + lease.Request.Grace, Reason = StopReason.Drain }, StopReason.Drain);
            }

            lease = draft.State.Leases[occupant];
            if (lease.State != LeaseState.Granted && (isDead || IsFree(lease, seen)))
            {
                draft.Add(new ClusterFact.Vacated { Attempt = attempt, Node = inventory.Id });
            }
        }
    }

    /// <summary>The agent knows that the lease is over, and has no process of it. What was said before the lease ended does not count.</summary>
    private static bool IsFree(ClusterLease lease, NodeObservation seen) =>
        seen.Inventory.Status == NodeStatus.Alive && seen.WantedVersionDone >= lease.EndVersion && !seen.HasProcesses(lease.Request.Attempt);

    private static void Survey(Draft draft, ImmutableArray<NodeObservation> nodes, ClusterPolicy policy)
    {
        foreach (var node in nodes.OrderBy(static node => node.Inventory.Id))
        {
            Observe(draft, node);
        }

        if (!ClusterLosses.IsAnyPending(draft.State) || !ClusterLosses.IsCutOff(draft.State, nodes, policy, draft.Now))
        {
            TakeLosses(draft);
            if (draft.State.LossesHeldSince is not null)
            {
                draft.Add(new ClusterFact.LossesHeld());
            }
        }
        else if (draft.State.LossesHeldSince is not { } since)
        {
            draft.Add(new ClusterFact.LossesHeld { Since = draft.Now });
        }
        else if (draft.Now - since >= policy.HoldLosses)
        {
            TakeLosses(draft);
        }
    }

    private static void TakeLosses(Draft draft)
    {
        foreach (var node in draft.State.Nodes.Values.Where(static node => node.Inventory.Status == NodeStatus.Lost).OrderBy(static node => node.Inventory.Id))
        {
            foreach (var occupant in OccupantsOf(draft.State, node.Inventory.Id))
            {
                if (draft.State.Leases[occupant].State == LeaseState.Granted)
                {
                    draft.Add(new ClusterFact.Lost { Attempt = draft.State.Leases[occupant].Request.Attempt, Node = node.Inventory.Id, LastSeen = node.Inventory.LastSeen });
                }
            }
        }
    }

    private static void Plan(Draft draft, SchedulingPlan plan)
    {
        foreach (var placement in plan.Placements)
        {
            if (draft.State.Queue.TryGetValue(placement.Attempt.ToString(), out var queued) && ClusterPlanning.Fits(draft.State, queued.Request, placement))
            {
                draft.Add(new ClusterFact.Granted { Attempt = placement.Attempt, Shares = placement.Shares });
            }
        }

        ImmutableArray<WaitingRequest> changed =
        [
            .. plan.Waiting.Where(waiting => draft.State.Queue.TryGetValue(waiting.Attempt.ToString(), out var queued) && queued.Reason?.Constraint != waiting.Reason.Constraint),
        ];
        if (!changed.IsEmpty)
        {
            draft.Add(new ClusterFact.PassedOver { Waiting = changed });
        }
    }

    private static void Tidy(Draft draft, ClusterPolicy policy)
    {
        ImmutableArray<string> stages =
        [
            .. draft.State.Epochs.Where(stage => stage.Value.EndedAt <= draft.Now - policy.ForgetEpochsAfter).Select(static stage => stage.Key).Order(StringComparer.Ordinal),
        ];
        if (!stages.IsEmpty)
        {
            draft.Add(new ClusterFact.EpochsForgotten { Stages = stages });
        }

        foreach (var node in draft.State.Nodes.Values.OrderBy(static node => node.Inventory.Id))
        {
            if (node.Inventory.Status is not (NodeStatus.Lost or NodeStatus.SeenDead) || node.Since > draft.Now - policy.ForgetNodesAfter)
            {
                continue;
            }

            // Nobody waits any more for what its simulation released.
            foreach (var occupant in OccupantsOf(draft.State, node.Inventory.Id).Where(occupant => draft.State.Leases[occupant].State == LeaseState.Unknown))
            {
                draft.Add(new ClusterFact.Vacated { Attempt = draft.State.Leases[occupant].Request.Attempt, Node = node.Inventory.Id });
            }

            if (draft.State.Nodes[node.Inventory.Id.Value].Occupants.IsEmpty)
            {
                draft.Add(new ClusterFact.NodeForgotten { Node = node.Inventory.Id });
            }
        }
    }

    private static string[] OccupantsOf(ClusterState state, NodeId node) =>
        state.Nodes.TryGetValue(node.Value, out var known) ? [.. known.Occupants.Order(StringComparer.Ordinal)] : [];

    /// <summary>Facts as they are decided, and the state after them, on which the next one is decided.</summary>
    private sealed class Draft(ClusterState state, DateTimeOffset now)
    {
        public ClusterState State { get; private set; } = state;

        public DateTimeOffset Now => now;

        public List<ClusterFact> Facts { get; } = [];

        public void Add(ClusterFact fact)
        {
            Facts.Add(fact);
            State = ClusterFold.Apply(State, fact, now);
        }
    }
}
