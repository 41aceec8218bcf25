using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
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
public static partial class ClusterMachine
{
    /// <summary>The facts that follow, in order; none when nothing changes. They are stored together or not at all.</summary>
    public static IReadOnlyList<ClusterFact> Decide(ClusterState state, ClusterInput input, ClusterPolicy policy, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        var draft = new ClusterDraft(state, now);
        Decide(draft, input, policy);
        return draft.Facts;
    }

    /// <summary>Adds the facts that follow to those of inputs before it, on whose state it is decided.</summary>
    public static void Decide(ClusterDraft draft, ClusterInput input, ClusterPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(draft);
        ArgumentNullException.ThrowIfNull(policy);
        switch (input)
        {
            case ClusterInput.Requested requested:
                Request(draft, requested.Request, policy);
                break;
            case ClusterInput.Released released:
                Release(draft, released.Attempt, released.Ending);
                if (released.Ending is { Dead: true })
                {
                    Vacate(draft, released.Attempt);
                }

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
                Survey(draft, surveyed.Nodes, surveyed.WatchedSince, policy);
                break;
            case ClusterInput.Planned planned:
                Plan(draft, planned.Plan, planned.Version, policy);
                break;
            case ClusterInput.PreemptionOrdered ordered:
                Preempt(draft, ordered.Preemption);
                break;
            case ClusterInput.EscrowAnswered answered:
                if (draft.State.Escrows.TryGetValue(answered.Account.Value, out var escrow) && escrow.Sent?.Operation == answered.Reply.Operation)
                {
                    draft.Add(new ClusterFact.EscrowAnswered { Account = answered.Account, Reply = answered.Reply });
                    ClusterEscrows.Leave(draft, answered.Account.Value, policy, preemption => Preempt(draft, preemption));
                }

                break;
            case ClusterInput.AccountChanged changed:
                ClusterEscrows.Turn(draft, changed.Account.Value, [], policy, refresh: true);
                break;
            case ClusterInput.Passed:
                ClusterArrangements.Decide(draft, input, policy);
                ClusterEscrows.Settle(draft, NoDemands, policy, preemption => Preempt(draft, preemption));
                break;
            case ClusterInput.Published published:
                if (draft.State.Outbox is [var oldest, ..] && oldest.Sequence <= published.Sequence)
                {
                    draft.Add(new ClusterFact.Published { Sequence = published.Sequence });
                }

                break;
            case ClusterInput.Tidied:
                Tidy(draft, policy);
                break;
            default:
                ClusterArrangements.Decide(draft, input, policy);
                break;
        }
    }

    /// <summary>The state after a fact.</summary>
    public static ClusterState Apply(ClusterState state, ClusterFact fact, DateTimeOffset at) => ClusterFold.Apply(state, fact, at);

    /// <summary>Nodes are lost that leases wait for, and all nodes must be looked at before that is decided.</summary>
    public static bool NeedsSurvey(ClusterState state, ClusterPolicy policy) => !ClusterLosses.IsTooSmall(state, policy) && ClusterLosses.IsAnyPending(state);

    /// <summary>The same, asked after one node was looked at: whether that one is lost and holds leases up.</summary>
    public static bool NeedsSurvey(ClusterState state, ClusterPolicy policy, NodeId node)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Nodes.TryGetValue(node.Value, out var known) && ClusterLosses.IsPending(state, known) && !ClusterLosses.IsTooSmall(state, policy);
    }

    /// <summary>
    /// Why an input of a person is not taken, as a sentence that names the field and what is allowed (invariant 12); null: it is. What is refused changes nothing.
    /// </summary>
    public static string? Refusal(ClusterState state, ClusterInput input, ClusterPolicy policy, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(policy);
        return input switch
        {
            ClusterInput.Requested requested => LeaseRequestRules.Problem(requested.Request),
            ClusterInput.PreemptionOrdered ordered => ClusterPreemptions.Refusal(state, ordered.Preemption),
            _ => ClusterArrangements.Refusal(state, input, policy, now),
        };
    }

    /// <summary>The next moment at which a window or reservation begins or ends, or an account is owed something, by time alone; null: none does.</summary>
    public static DateTimeOffset? NextEdge(ClusterState state, ClusterPolicy policy, DateTimeOffset now)
    {
        var arranged = ClusterArrangements.NextEdge(state, now);
        var owed = ClusterEscrows.NextEdge(state, policy, now);
        return arranged is null || owed < arranged ? owed ?? arranged : arranged;
    }

    /// <summary>A window waits for its nodes to become empty.</summary>
    public static bool IsBlocked(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        foreach (var window in state.Windows.Values)
        {
            if (window.Status == Scheduling.Windows.WindowStatus.Blocked)
            {
                return true;
            }
        }

        return false;
    }

    private static Dictionary<string, List<EscrowDemand>> NoDemands { get; } = new(StringComparer.Ordinal);

    private static void Request(ClusterDraft draft, LeaseRequest request, ClusterPolicy policy)
    {
        if (LeaseRequestRules.Problem(request) is not null)
        {
            return;
        }

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
        ClusterEscrows.Meet(draft, request, policy);
    }

    private static void Release(ClusterDraft draft, AttemptId attempt, LeaseEnding? ending = null)
    {
        var key = attempt.ToString();
        if (draft.State.Queue.ContainsKey(key))
        {
            draft.Add(new ClusterFact.Withdrawn { Attempt = attempt });
        }
        else if (draft.State.Leases.TryGetValue(key, out var lease) && lease.State != LeaseState.Unknown)
        {
            ClusterLearning.Learn(draft, lease, ending);
            var counts = lease.State == LeaseState.Granted && ending is { } known && (known.NodeAtFault || known.End is not (AttemptEnd.Failed or AttemptEnd.LaunchRefused or AttemptEnd.NodeLost));
            draft.Add(new ClusterFact.Released { Attempt = attempt, Counts = counts, NodeAtFault = counts && ending!.NodeAtFault });
            ClusterProtection.End(draft, attempt);
            if (counts && ending!.NodeAtFault && lease.Shares.Length == 1 && draft.State.Nodes.TryGetValue(lease.Shares[0].Node.Value, out var blamed))
            {
                ClusterTrust.Review(draft, blamed);
            }
        }
    }

    /// <summary>A person answers for it that nothing of it runs any more. Of nodes that are in sight their agents know better.</summary>
    private static void Vacate(ClusterDraft draft, AttemptId attempt)
    {
        if (!draft.State.Leases.TryGetValue(attempt.ToString(), out var lease) || lease.State == LeaseState.Granted)
        {
            return;
        }

        foreach (var node in lease.Shares.Select(static share => share.Node).Except(lease.Vacated))
        {
            if (draft.State.Nodes.TryGetValue(node.Value, out var known) && known.Inventory.Status is NodeStatus.Lost or NodeStatus.SeenDead)
            {
                draft.Add(new ClusterFact.Vacated { Attempt = attempt, Node = node });
            }
        }
    }

    private static void Order(ClusterDraft draft, LeaseOrder order, StopReason stop = StopReason.Absent)
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
            CheckpointKind = order.Checkpoint > lease.Order.Checkpoint ? order.CheckpointKind : lease.Order.CheckpointKind,
            Preview = Math.Max(order.Preview, lease.Order.Preview),
            PreviewLevel = order.Preview > lease.Order.Preview ? order.PreviewLevel : lease.Order.PreviewLevel,
            StopBy = isEarlier ? order.StopBy : lease.Order.StopBy,
            Reason = isEarlier ? order.Reason : lease.Order.Reason,
        };
        var asked = stop == StopReason.Absent ? lease.Stop : stop;
        if (merged != lease.Order || asked != lease.Stop)
        {
            draft.Add(new ClusterFact.Ordered { Order = merged, Stop = asked });
        }
    }

    private static void Observe(ClusterDraft draft, NodeObservation seen)
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
            draft.Add(new ClusterFact.NodeChanged { Inventory = inventory, Withheld = known?.IsWithheld == true });
            ClusterTrust.Review(draft, draft.State.Nodes[inventory.Id.Value]);
        }

        // After a reboot nothing of before runs, but its new agent may already have started what it was told before: its word is waited for, as of any lease that is over.
        var isDead = inventory.Status == NodeStatus.SeenDead;
        foreach (var occupant in OccupantsOf(draft.State, inventory.Id))
        {
            var lease = draft.State.Leases[occupant];
            var attempt = lease.Request.Attempt;
            if (lease.State == LeaseState.Granted && (isDead || rebooted))
            {
                draft.Add(new ClusterFact.Lost { Attempt = attempt, Node = inventory.Id, LastSeen = inventory.LastSeen, Counts = true });
                ClusterProtection.End(draft, attempt);
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

    private static void Survey(ClusterDraft draft, ImmutableArray<NodeObservation> nodes, DateTimeOffset watchedSince, ClusterPolicy policy)
    {
        foreach (var node in nodes.OrderBy(static node => node.Inventory.Id))
        {
            Observe(draft, node);
        }

        ClusterTrust.Review(draft);
        if (ClusterLosses.IsAnyPending(draft.State) && ClusterLosses.CommonPart(draft.State, nodes, policy, draft.Now) is { } part
            && !draft.State.Together.Any(loss => loss.Part == part.Part && draft.Now - loss.At < policy.HoldLosses))
        {
            draft.Add(new ClusterFact.FellTogether { Loss = new() { Part = part.Part, Nodes = part.Lost, Of = part.Of, At = draft.Now } });
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
        else if (draft.Now - (since > watchedSince ? since : watchedSince) >= policy.HoldLosses)
        {
            TakeLosses(draft);
        }
    }

    private static void TakeLosses(ClusterDraft draft)
    {
        foreach (var node in draft.State.Nodes.Values.Where(static node => node.Inventory.Status == NodeStatus.Lost).OrderBy(static node => node.Inventory.Id))
        {
            foreach (var occupant in OccupantsOf(draft.State, node.Inventory.Id))
            {
                if (draft.State.Leases[occupant].State == LeaseState.Granted)
                {
                    var attempt = draft.State.Leases[occupant].Request.Attempt;
                    draft.Add(new ClusterFact.Lost { Attempt = attempt, Node = node.Inventory.Id, LastSeen = node.Inventory.LastSeen, Counts = true });
                    ClusterProtection.End(draft, attempt);
                }
            }
        }
    }

    private static void Tidy(ClusterDraft draft, ClusterPolicy policy)
    {
        ClusterArrangements.Tidy(draft, policy);
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
            if (node.Inventory.Status is not (NodeStatus.Lost or NodeStatus.SeenDead) || node.Power is { On: false } || node.Since > draft.Now - policy.ForgetNodesAfter)
            {
                continue;
            }

            // Nobody waits any more for what its simulation released, but for what may still write where others do.
            foreach (var occupant in OccupantsOf(draft.State, node.Inventory.Id)
                .Where(occupant => draft.State.Leases[occupant] is { State: LeaseState.Unknown, Request.WritesSharedPaths: false } || (draft.State.Leases[occupant].State == LeaseState.Unknown && node.Inventory.Status == NodeStatus.SeenDead)))
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
}
