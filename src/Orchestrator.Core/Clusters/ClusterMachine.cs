using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
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
        var owed = ClusterEscrows.NextEdge(state, policy);
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

    /// <summary>The users whose work waits or runs under a name: of a simulation, a stage of one, or a campaign.</summary>
    public static ImmutableHashSet<string> OwnersOf(ClusterState state, string target)
    {
        ArgumentNullException.ThrowIfNull(state);
        return
        [
            .. state.Queue.Values.Select(static queued => queued.Request).Concat(state.Leases.Values.Select(static lease => lease.Request))
                .Where(request => request.Attempt.Simulation.Value == target || request.Campaign == target || ClusterFold.StageOf(request.Attempt) == target)
                .Select(static request => request.Owner.User),
        ];
    }

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
                Ahead = queued.Reason is { Ahead: > 0 } reason ? reason.Ahead : ClusterPlanning.TurnsOf(state).IndexOf(queued.Request),
            };
        }

        return !state.Leases.TryGetValue(key, out var lease) ? new() { Attempt = attempt, State = LeaseState.Unknown }
            : lease.State == LeaseState.Unknown ? new() { Attempt = attempt, State = LeaseState.Unknown, MayRun = true }
            : StatusOf(state, lease);
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

    private static Dictionary<string, List<EscrowDemand>> NoDemands { get; } = new(StringComparer.Ordinal);

    private static LeaseStatus StatusOf(ClusterState state, ClusterLease lease)
    {
        var status = new LeaseStatus { Attempt = lease.Request.Attempt, State = lease.State, Since = lease.Since, Shares = lease.Shares };
        return lease.State == LeaseState.Lost
            ? status with { LostNode = lease.LostNode, SeenDead = lease.IsVacated, LastSeen = lease.LastSeen, Together = TogetherOf(state, lease) }
            : status with
            {
                Stop = lease.Stop,
                AllocationEnd = lease.Shares.Select(share => state.Nodes.GetValueOrDefault(share.Node.Value)?.Inventory.AllocationEnd).Min(),
            };
    }

    private static string TogetherOf(ClusterState state, ClusterLease lease)
    {
        for (var i = state.Together.Length - 1; i >= 0; i--)
        {
            var loss = state.Together[i];
            if (lease.LostNode is { } node && loss.Nodes.Contains(node) && (lease.Since - loss.At).Duration() < TimeSpan.FromMinutes(5))
            {
                return loss.ToString();
            }
        }

        return "";
    }

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

    /// <summary>A plan is carried out as far as it still holds. One made before windows, reservations, licences or the policy changed is not: the next one knows of it.</summary>
    private static void Plan(ClusterDraft draft, SchedulingPlan plan, long version, ClusterPolicy policy)
    {
        if (version < draft.State.ArrangedAt)
        {
            return;
        }

        var settings = ClusterPlanning.SettingsOf(draft.State, policy);
        var demands = NoDemands;
        foreach (var placement in plan.Placements)
        {
            if (!draft.State.Queue.TryGetValue(placement.Attempt.ToString(), out var queued) || !ClusterPlanning.Fits(draft.State, queued.Request, placement, draft.Now))
            {
                continue;
            }

            var charge = ClusterEscrows.ChargeOf(queued.Request, settings);
            if (charge is not null && !ClusterEscrows.Covers(draft.State, queued.Request, charge))
            {
                // Its account is asked first; the plan after the answer starts it, or says that the budget does not cover it.
                demands = demands.Count == 0 ? new(StringComparer.Ordinal) : demands;
                var account = queued.Request.Owner.Account.Value;
                if (!demands.TryGetValue(account, out var wanted))
                {
                    demands.Add(account, wanted = []);
                }

                wanted.Add(new(placement.Attempt, queued.Request.Owner.User, charge.Cost));
                continue;
            }

            draft.Add(new ClusterFact.Granted { Attempt = placement.Attempt, Shares = placement.Shares, Charge = charge, DurationExpected = ClusterLearning.AtGrant(draft.State, queued.Request) });
            ClusterProtection.Keep(draft, placement.Attempt);
        }

        foreach (var preemption in plan.Preemptions)
        {
            Preempt(draft, preemption);
        }

        foreach (var order in plan.Power)
        {
            ClusterPower.Switch(draft, order);
        }

        ClusterEscrows.Settle(draft, demands, policy, preemption => Preempt(draft, preemption));
        PassOver(draft, plan, policy);
    }

    /// <summary>First the fact that it was chosen, why and at what cost, then the order to leave: both are stored before anybody is asked.</summary>
    private static void Preempt(ClusterDraft draft, Preemption preemption)
    {
        if (ClusterPreemptions.Refusal(draft.State, preemption) is not null)
        {
            return;
        }

        draft.Add(preemption.Relocation ? new ClusterFact.Relocated { Preemption = preemption } : new ClusterFact.Preempted { Preemption = preemption });
        var reason = preemption.Trigger == PreemptionTrigger.Maintenance ? StopReason.Maintenance : StopReason.Preemption;
        Order(draft, new() { Attempt = preemption.Victim, StopBy = preemption.StopBy, Reason = reason }, reason);
    }

    /// <summary>
    /// Why the rest waits. A reason is stored when it is the first, or another one than what is stored and that one is some seconds old: ten thousand that wait, and change their
    /// reason with every plan, must not fill the ledger. What was not stored comes with one of the next plans.
    /// </summary>
    private static void PassOver(ClusterDraft draft, SchedulingPlan plan, ClusterPolicy policy)
    {
        var changed = ImmutableArray.CreateBuilder<WaitingRequest>();
        foreach (var waiting in plan.Waiting)
        {
            if (draft.State.Queue.TryGetValue(waiting.Attempt.ToString(), out var queued) && IsNews(queued, waiting.Reason, draft.Now, policy))
            {
                changed.Add(waiting);
                if (changed.Count == policy.ReasonsAtOnce)
                {
                    break;
                }
            }
        }

        if (changed.Count > 0)
        {
            draft.Add(new ClusterFact.PassedOver { Waiting = changed.ToImmutable() });
        }
    }

    private static bool IsNews(QueuedRequest queued, WaitReason reason, DateTimeOffset now, ClusterPolicy policy)
    {
        if (queued.Reason is not { } stored)
        {
            return true;
        }

        // What its simulation acts upon, or nobody would guess, is said at once.
        var mustKnow = stored.NeverFits != reason.NeverFits || (stored.Constraint == PlacementConstraint.NotAvoided) != (reason.Constraint == PlacementConstraint.NotAvoided);
        return stored.Constraint != reason.Constraint && (mustKnow || queued.ReasonAt is not { } at || now - at >= policy.ReasonsEvery);
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

}
