using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Core.Clusters;

/// <summary>
/// What a cluster still owes the world, held in memory: it is gathered from the facts as they are stored, and after a restart <see cref="All"/> owes everything once, which is
/// safe since every effect is level-triggered.
/// </summary>
public sealed record ClusterDuties
{
    private const int PublishedAtOnce = 256;

    /// <summary>Numbers duties, so that one that is owed again while it is done stays owed.</summary>
    public long Ticket { get; init; }

    /// <summary>Nodes to tell, with the version from which on they do not know what to hold.</summary>
    public ImmutableSortedDictionary<NodeId, long> Wanted { get; init; } = ImmutableSortedDictionary<NodeId, long>.Empty;

    public ImmutableSortedDictionary<NodeId, long> Pulls { get; init; } = ImmutableSortedDictionary<NodeId, long>.Empty;

    public ImmutableSortedDictionary<SimulationId, long> Nudges { get; init; } = ImmutableSortedDictionary<SimulationId, long>.Empty;

    /// <summary>Nodes to switch as was ordered last.</summary>
    public ImmutableSortedDictionary<NodeId, long> Switches { get; init; } = ImmutableSortedDictionary<NodeId, long>.Empty;

    /// <summary>The ticket of the survey that is owed; 0: none.</summary>
    public long Survey { get; init; }

    /// <summary>The version at which something last changed that a plan depends on.</summary>
    public long DirtyAt { get; init; }

    /// <summary>The version that was planned last.</summary>
    public long PlannedAt { get; init; } = -1;

    /// <summary>Everything: all nodes are looked at and told, each simulation with a lease is nudged, and a plan is made.</summary>
    public static ClusterDuties All(ClusterState state) => new ClusterDuties().Everything(state);

    /// <summary>What else is owed when the cluster compares what it holds with the others.</summary>
    public ClusterDuties Everything(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var ticket = Ticket + 1;
        return this with
        {
            Ticket = ticket,
            Wanted = Wanted.SetItems(state.Nodes.Values.Select(node => KeyValuePair.Create(node.Inventory.Id, node.WantedVersion))),
            Survey = state.Nodes.IsEmpty ? Survey : ticket,
            Nudges = Nudges.SetItems(state.Leases.Values.Where(static lease => lease.State != LeaseState.Unknown)
                .Select(static lease => lease.Request.Attempt.Simulation).Distinct().Select(simulation => KeyValuePair.Create(simulation, ticket))),
            Switches = Switches.SetItems(state.Nodes.Values.Where(static node => node.Power is { } power && power.On != (node.Inventory.Status == Nodes.NodeStatus.Alive))
                .Select(node => KeyValuePair.Create(node.Inventory.Id, ticket))),
            DirtyAt = state.Version,
            PlannedAt = -1,
        };
    }

    /// <summary>What else is owed after facts were stored.</summary>
    public ClusterDuties After(ClusterState before, ClusterState after, IReadOnlyList<ClusterFact> facts)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        ArgumentNullException.ThrowIfNull(facts);
        // Where somebody started, those ahead may find other places, and who would have delayed them before may not any more.
        var duties = facts.Any(static fact => fact is ClusterFact.Granted) && after.Queue.Values.Any(static queued => queued.Reason?.Constraint == PlacementConstraint.NotAhead) ? Dirty(after) : this;
        foreach (var fact in facts)
        {
            duties = fact switch
            {
                // Who leaves the queue may have kept a place that others wait for.
                ClusterFact.Requested or ClusterFact.Withdrawn or ClusterFact.NodeForgotten or ClusterFact.WindowSet or ClusterFact.ReservationSet or ClusterFact.PrioritySet or ClusterFact.DeadlineSet
                    or ClusterFact.EscrowAnswered or ClusterFact.PolicySet or ClusterFact.LicencesSet or ClusterFact.EnergySet or ClusterFact.SpeedsLearned or ClusterFact.HookSaid => duties.Dirty(after),
                // With them on their way out there may be room at once for whom there was none beside them.
                ClusterFact.Preempted or ClusterFact.Relocated => duties.Dirty(after),
                ClusterFact.NodeChanged changed => duties.Dirty(after).TellIfNew(before, after, changed.Inventory.Id),
                ClusterFact.PowerOrdered ordered => duties with { Ticket = duties.Ticket + 1, Switches = duties.Switches.SetItem(ordered.Order.Node, duties.Ticket + 1) },
                ClusterFact.Granted granted => duties.Tell(after, granted.Shares.Select(static share => share.Node)).Nudge(granted.Attempt),
                ClusterFact.Ordered { Stop: var stop } ordered => stop == Simulations.StopReason.Absent
                    ? duties.Tell(after, NodesOf(before, after, ordered.Order.Attempt))
                    : duties.Tell(after, NodesOf(before, after, ordered.Order.Attempt)).Nudge(ordered.Order.Attempt),
                // Its nodes are not free yet, and yet its licences, its budget and its account's share may be.
                ClusterFact.Lost lost => duties.Dirty(after).Tell(after, NodesOf(before, after, lost.Attempt)).Nudge(lost.Attempt),
                ClusterFact.Released released => duties.Dirty(after).Tell(after, NodesOf(before, after, released.Attempt)),
                ClusterFact.Vacated vacated => after.Leases.TryGetValue(vacated.Attempt.ToString(), out var lease) && lease is { State: LeaseState.Lost, IsVacated: true }
                    || IsFreeAtLast(before, after, vacated.Attempt)
                    ? duties.Dirty(after).Nudge(vacated.Attempt)
                    : duties.Dirty(after),
                _ => duties,
            };
        }

        return duties;
    }

    /// <summary>A node is to be looked at.</summary>
    public ClusterDuties Look(NodeId node) => this with { Ticket = Ticket + 1, Pulls = Pulls.SetItem(node, Ticket + 1) };

    /// <summary>All nodes are to be looked at, because of what is lost.</summary>
    public ClusterDuties LookAtAll() => this with { Ticket = Ticket + 1, Survey = Ticket + 1 };

    /// <summary>A node that knows other leases than it is to hold is told again.</summary>
    public ClusterDuties Compare(ClusterState state, NodeObservation seen)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(seen);
        var id = seen.Inventory.Id;
        if (Wanted.ContainsKey(id) || !state.Nodes.TryGetValue(id.Value, out var node))
        {
            return this;
        }

        var wanted = ClusterMachine.WantedOf(state, id).Select(static lease => lease.Attempt).ToHashSet();
        return wanted.SetEquals(seen.Wanted) ? this : this with { Wanted = Wanted.SetItem(id, node.WantedVersion) };
    }

    public ClusterDuties Told(NodeId node, long version) => Wanted.GetValueOrDefault(node, -1) <= version ? this with { Wanted = Wanted.Remove(node) } : this;

    public ClusterDuties Pulled(NodeId node, long ticket) => Pulls.GetValueOrDefault(node) == ticket ? this with { Pulls = Pulls.Remove(node) } : this;

    public ClusterDuties Nudged(SimulationId simulation, long ticket) => Nudges.GetValueOrDefault(simulation) == ticket ? this with { Nudges = Nudges.Remove(simulation) } : this;

    public ClusterDuties Switched(NodeId node, long ticket) => Switches.GetValueOrDefault(node) == ticket ? this with { Switches = Switches.Remove(node) } : this;

    public ClusterDuties Surveyed(long ticket) => Survey == ticket ? this with { Survey = 0 } : this;

    /// <summary>Something changed that the ledger does not hold (what accounts may spend), or time passed: a plan is owed.</summary>
    public ClusterDuties Replan(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return this with { DirtyAt = state.Version, PlannedAt = Math.Min(PlannedAt, state.Version - 1) };
    }

    public ClusterDuties Planned(long version) => this with { PlannedAt = Math.Max(PlannedAt, version) };

    /// <summary>The effects, in an order that the state alone decides (invariant 11).</summary>
    public IReadOnlyList<ClusterEffect> Owed(ClusterState state) => [.. Owe(state)];

    /// <summary>The same, made as they are asked for: of thousands only some are done at once.</summary>
    public IEnumerable<ClusterEffect> Owe(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (DirtyAt > PlannedAt && HasToPlan(state))
        {
            yield return new ClusterEffect.Plan(state);
        }

        if (!state.Outbox.IsEmpty)
        {
            yield return new ClusterEffect.Publish(state.Outbox.Length <= PublishedAtOnce ? state.Outbox : state.Outbox[..PublishedAtOnce]);
        }

        if (Survey > 0)
        {
            yield return new ClusterEffect.Survey(state, Survey);
        }

        foreach (var (account, escrow) in state.Escrows)
        {
            if (escrow.Sent is { } order)
            {
                yield return new ClusterEffect.Exchange(new(account), order);
            }
        }

        foreach (var (node, ticket) in Switches)
        {
            if (state.Nodes.TryGetValue(node.Value, out var known) && known.Power is { } power)
            {
                yield return new ClusterEffect.Switch(node, power.On, ticket);
            }
        }

        foreach (var (id, _) in Wanted)
        {
            if (state.Nodes.TryGetValue(id.Value, out var node))
            {
                yield return new ClusterEffect.SetWanted(id, node.WantedVersion, state);
            }
        }

        foreach (var (simulation, ticket) in Nudges)
        {
            yield return new ClusterEffect.Nudge(simulation, ticket);
        }

        foreach (var (node, ticket) in Pulls)
        {
            yield return new ClusterEffect.Pull(node, ticket);
        }
    }

    /// <summary>Somebody waits, somebody may have to make way, or nodes may be switched.</summary>
    private static bool HasToPlan(ClusterState state)
    {
        if (!state.Queue.IsEmpty || state.Energy.Mode != Scheduling.Energy.EnergyMode.Absent || state.Policy.Length > 0)
        {
            return true;
        }

        foreach (var window in state.Windows.Values)
        {
            if (!window.IsOver)
            {
                return true;
            }
        }

        foreach (var reservation in state.Reservations.Values)
        {
            if (!reservation.IsOver)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A released lease of several nodes has left the last of them: its simulation may wait for that.</summary>
    private static bool IsFreeAtLast(ClusterState before, ClusterState after, AttemptId attempt) =>
        before.Leases.TryGetValue(attempt.ToString(), out var lease) && lease is { State: LeaseState.Unknown, Shares.Length: > 1 } && !after.Leases.ContainsKey(attempt.ToString());

    private static IEnumerable<NodeId> NodesOf(ClusterState before, ClusterState after, AttemptId attempt)
    {
        var key = attempt.ToString();
        var lease = after.Leases.GetValueOrDefault(key) ?? before.Leases.GetValueOrDefault(key);
        return lease is null ? [] : lease.Shares.Select(static share => share.Node);
    }

    private ClusterDuties Dirty(ClusterState after) => this with { DirtyAt = after.Version };

    private ClusterDuties TellIfNew(ClusterState before, ClusterState after, NodeId node) =>
        before.Nodes.ContainsKey(node.Value) ? this : this with { Wanted = Wanted.SetItem(node, after.Nodes[node.Value].WantedVersion) };

    private ClusterDuties Tell(ClusterState after, IEnumerable<NodeId> nodes)
    {
        var wanted = Wanted;
        foreach (var node in nodes)
        {
            if (after.Nodes.TryGetValue(node.Value, out var known))
            {
                wanted = wanted.SetItem(node, known.WantedVersion);
            }
        }

        return this with { Wanted = wanted };
    }

    private ClusterDuties Nudge(AttemptId attempt) => this with { Ticket = Ticket + 1, Nudges = Nudges.SetItem(attempt.Simulation, Ticket + 1) };
}
