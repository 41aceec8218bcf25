using System.Collections.Immutable;
using System.Diagnostics;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;

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
            ClusterFact.Withdrawn withdrawn => End(Leave(state, withdrawn.Attempt.ToString()), withdrawn.Attempt, at),
            ClusterFact.Granted granted => Grant(state, granted, at),
            ClusterFact.Ordered ordered => Order(state, ordered),
            ClusterFact.Lost lost => Lose(state, lost, at),
            ClusterFact.Released released => Release(Learn(state, released, at), released.Attempt, at),
            ClusterFact.Vacated vacated => Vacate(state, vacated, at),
            ClusterFact.NodeChanged changed => ChangeNode(state, changed, at),
            ClusterFact.FellTogether fell => state with { Together = [.. state.Together.Add(fell.Loss).TakeLast(ClusterTrust.TogetherMax)] },
            ClusterFact.NodeForgotten forgotten => state with { Nodes = state.Nodes.Remove(forgotten.Node.Value) },
            ClusterFact.PassedOver passedOver => PassOver(state, passedOver, at),
            ClusterFact.LossesHeld held => state with { LossesHeldSince = held.Since },
            ClusterFact.EpochsForgotten forgotten => state with { Epochs = state.Epochs.RemoveRange(forgotten.Stages) },
            ClusterFact.Preempted preempted => Preempt(state, preempted.Preemption, at),
            ClusterFact.Relocated relocated => Preempt(state, relocated.Preemption, at),
            ClusterFact.WindowSet set => state with { Windows = state.Windows.SetItem(set.Window.Id, set.Window), ArrangedAt = state.Version },
            ClusterFact.WindowForgotten forgotten => state with { Windows = state.Windows.Remove(forgotten.Window) },
            ClusterFact.ReservationSet set => state with { Reservations = state.Reservations.SetItem(set.Reservation.Id, set.Reservation), ArrangedAt = state.Version },
            ClusterFact.ReservationForgotten forgotten => state with { Reservations = state.Reservations.Remove(forgotten.Reservation) },
            ClusterFact.ConflictSet set => state with { Conflicts = state.Conflicts.SetItem(set.Conflict.Id, set.Conflict) },
            ClusterFact.PrioritySet set => ClusterScenarios.Told(
                state with { Priorities = set.Priority.IsEmpty ? state.Priorities.Remove(set.Priority.Target) : state.Priorities.SetItem(set.Priority.Target, set.Priority) },
                state.Priorities.GetValueOrDefault(set.Priority.Target)?.Share,
                set.Priority.Share,
                at),
            ClusterFact.DeadlineSet set => state with { Deadlines = state.Deadlines.SetItem(set.Deadline.Simulation.Value, set.Deadline) },
            ClusterFact.PolicySet set => state with { Policy = set.Policy, ArrangedAt = state.Version },
            ClusterFact.LicencesSet set => state with { Licences = set.Licences, ArrangedAt = state.Version },
            ClusterFact.EnergySet set => state with { Energy = set.Energy },
            ClusterFact.SpeedsLearned learned => state with { Speeds = learned.Speeds },
            ClusterFact.WorkLearned learned => ClusterLearning.Fold(state, learned),
            ClusterFact.HookSaid said => state with { Hook = said.Verdicts },
            ClusterFact.PowerOrdered ordered => SwitchNode(state, ordered),
            ClusterFact.EscrowSent sent => Pay(state, sent.Account, escrow => escrow.Send(sent.Order)),
            ClusterFact.EscrowAnswered answered => Pay(state, answered.Account, escrow => escrow.Answer(answered.Reply, at)),
            ClusterFact.Happened happened => state with { EventSequence = happened.Event.Sequence, Outbox = state.Outbox.Add(happened.Event) },
            ClusterFact.Published published => state with { Outbox = state.Outbox.RemoveAll(told => told.Sequence <= published.Sequence) },
            ClusterFact.SettingsForgotten forgotten => ClusterScenarios.Forgotten(state with
            {
                Priorities = state.Priorities.RemoveRange(forgotten.Targets),
                Deadlines = state.Deadlines.RemoveRange(forgotten.Deadlines),
                Preempted = state.Preempted.RemoveRange(forgotten.Preemptions),
                Conflicts = state.Conflicts.RemoveRange(forgotten.Conflicts),
            }),
            _ => throw new UnreachableException($"A cluster does not know the fact {fact}."),
        };
    }

    /// <summary>A preemption counts for so long.</summary>
    public static readonly TimeSpan PreemptedFor = TimeSpan.FromHours(24);

    public static string StageOf(AttemptId attempt) => $"{attempt.Simulation}/{attempt.Stage}";

    private static ClusterState Request(ClusterState state, LeaseRequest request, DateTimeOffset at) => ClusterScenarios.Requested(state, request.Attempt.Simulation) with
    {
        Queue = state.Queue.SetItem(request.Attempt.ToString(), new() { Request = request, Since = at }),
        Epochs = state.Epochs.SetItem(StageOf(request.Attempt), new() { Epoch = request.Attempt.Epoch }),
        Turns = ClusterPlanning.TurnsOf(state).Add(request),
        Work = ClusterLearning.Submitted(state, request),
    };

    private static ClusterState Leave(ClusterState state, string key) => state with
    {
        Turns = ClusterPlanning.TurnsOf(state).Remove(state.Queue[key].Request),
        Queue = state.Queue.Remove(key),
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
            StartedByPreemption = state.Queue[key].IsMadeWayFor,
            DurationExpected = granted.DurationExpected,
        };
        var after = ClusterScenarios.Granted(Want(Leave(state, key) with { Leases = state.Leases.SetItem(key, lease) }, lease, occupy: true), lease);
        return granted.Charge is { } charge
            ? Pay(after, lease.Request.Owner.Account, escrow => escrow.Start(granted.Attempt, lease.Request.Owner.User, charge.PerHour, charge.Cost, charge.IsOpenEnded, at))
            : after;
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
        if (lost.Counts && state.Nodes.TryGetValue(lost.Node.Value, out var node))
        {
            // Its silence is seen by all; that attempts fail on it, by nobody else: only that opens its breaker.
            var seen = node with { Reliability = node.Reliability.After(false, at - state.Leases[key].GrantedAt) };
            state = state with { Nodes = state.Nodes.SetItem(lost.Node.Value, seen) };
        }

        state = ClusterScenarios.Ended(state, state.Leases[key], at);
        var lease = state.Leases[key] with { State = LeaseState.Lost, Since = at, LostNode = lost.Node, LastSeen = lost.LastSeen, EndVersion = state.Version };
        return Settle(Want(state with { Leases = state.Leases.SetItem(key, lease) }, lease), lease, at);
    }

    private static ClusterState Release(ClusterState state, AttemptId attempt, DateTimeOffset at)
    {
        var key = attempt.ToString();
        var before = state.Leases[key];
        state = ClusterScenarios.Ended(state, before, at);
        var lease = before with { State = LeaseState.Unknown, Since = at, EndVersion = before.State == LeaseState.Granted ? state.Version : before.EndVersion };
        var after = End(state with { Leases = lease.IsVacated ? state.Leases.Remove(key) : state.Leases.SetItem(key, lease) }, attempt, at);
        return Settle(before.State == LeaseState.Granted ? Want(after, lease) : after, lease, at);
    }

    /// <summary>What its end says of its nodes. Of several it is not known which one was at fault.</summary>
    private static ClusterState Learn(ClusterState state, ClusterFact.Released released, DateTimeOffset at)
    {
        var lease = state.Leases[released.Attempt.ToString()];
        if (!released.Counts || (released.NodeAtFault && lease.Shares.Length > 1))
        {
            return state;
        }

        var nodes = state.Nodes;
        foreach (var share in lease.Shares)
        {
            if (nodes.TryGetValue(share.Node.Value, out var node))
            {
                nodes = nodes.SetItem(share.Node.Value, node with
                {
                    Reliability = node.Reliability.After(!released.NodeAtFault, at - lease.GrantedAt),
                    Breaker = released.NodeAtFault ? node.Breaker.Failed(at) : node.Breaker.Succeeded(),
                });
            }
        }

        return state with { Nodes = nodes };
    }

    private static ClusterState Vacate(ClusterState state, ClusterFact.Vacated vacated, DateTimeOffset at)
    {
        var key = vacated.Attempt.ToString();
        var lease = state.Leases[key];
        lease = lease with { Vacated = lease.Vacated.Add(vacated.Node) };
        var node = state.Nodes[vacated.Node.Value];
        var left = node.Occupants.Remove(key);
        return state with
        {
            Leases = lease is { State: LeaseState.Unknown, IsVacated: true } ? state.Leases.Remove(key) : state.Leases.SetItem(key, lease),
            Nodes = state.Nodes.SetItem(vacated.Node.Value, node with { Occupants = left, IdleSince = left.IsEmpty ? at : null }),
        };
    }

    private static ClusterState ChangeNode(ClusterState state, ClusterFact.NodeChanged changed, DateTimeOffset at)
    {
        var inventory = changed.Inventory;
        var known = state.Nodes.GetValueOrDefault(inventory.Id.Value);
        var since = known?.Inventory.Status == inventory.Status ? known.Since : at;
        var after = (known ?? new ClusterNode { IdleSince = at }) with { Inventory = inventory, Since = since, IsWithheld = changed.Withheld };
        if (after.Power is { On: true } && inventory.Status == NodeStatus.Alive)
        {
            // That order is done: when the node falls silent later, it failed.
            after = after with { Power = null, PowerDoneAt = null };
        }

        return state with { Nodes = state.Nodes.SetItem(inventory.Id.Value, after) };
    }

    private static ClusterState PassOver(ClusterState state, ClusterFact.PassedOver passedOver, DateTimeOffset at)
    {
        var queue = state.Queue.ToBuilder();
        foreach (var waiting in passedOver.Waiting)
        {
            var key = waiting.Attempt.ToString();
            if (queue.TryGetValue(key, out var queued))
            {
                queue[key] = queued with { Reason = waiting.Reason, ReasonAt = at };
            }
        }

        return state with { Queue = queue.ToImmutable() };
    }

    private static ClusterState Pay(ClusterState state, AccountId account, Func<Escrow, Escrow> step) => account.Value is null
        ? state
        : state with { Escrows = state.Escrows.SetItem(account.Value, step(state.Escrows.GetValueOrDefault(account.Value) ?? new())) };

    /// <summary>What a lease held of its account's budgets is counted, and the rest is free: it uses nothing from here on.</summary>
    private static ClusterState Settle(ClusterState state, ClusterLease lease, DateTimeOffset at) =>
        lease.Request.Owner.Account.Value is { } account && state.Escrows.TryGetValue(account, out var escrow) && escrow.End(lease.Request.Attempt, at) is var after && !ReferenceEquals(after, escrow)
            ? state with { Escrows = state.Escrows.SetItem(account, after) }
            : state;

    private static ClusterState Preempt(ClusterState state, Preemption preemption, DateTimeOffset at)
    {
        var key = preemption.Victim.ToString();
        var simulation = preemption.Victim.Simulation.Value;
        var before = state.Preempted.GetValueOrDefault(simulation, []);
        return state with
        {
            Leases = state.Leases.SetItem(key, state.Leases[key] with { Preemption = preemption }),
            Queue = state.Queue.TryGetValue(preemption.For, out var queued) ? state.Queue.SetItem(preemption.For, queued with { IsMadeWayFor = true }) : state.Queue,
            Preempted = state.Preempted.SetItem(simulation, [.. before.Where(time => time > at - PreemptedFor), at]),
        };
    }

    private static ClusterState SwitchNode(ClusterState state, ClusterFact.PowerOrdered ordered)
    {
        var node = state.Nodes[ordered.Order.Node.Value];
        return state with
        {
            Nodes = state.Nodes.SetItem(ordered.Order.Node.Value, node with { Power = ordered.Order, PowerDoneAt = ordered.DoneAt, IdleSince = node.Occupants.IsEmpty ? ordered.DoneAt : null }),
        };
    }

    /// <summary>What is wanted on the nodes of a lease changes with this version.</summary>
    private static ClusterState Want(ClusterState state, ClusterLease lease, bool occupy = false)
    {
        var key = lease.Request.Attempt.ToString();
        var nodes = state.Nodes;
        foreach (var share in lease.Shares)
        {
            if (nodes.TryGetValue(share.Node.Value, out var node))
            {
                nodes = nodes.SetItem(
                    share.Node.Value,
                    occupy ? node with { WantedVersion = state.Version, Occupants = node.Occupants.Add(key), IdleSince = null } : node with { WantedVersion = state.Version });
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
