using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Order;

namespace Orchestrator.Core.Clusters;

/// <summary>Tells a workspace what a cluster holds: all of it once, and then what changed. Both ways it holds the same.</summary>
public static class ClusterFeed
{
    /// <summary>Everything, into a workspace that was told nothing yet.</summary>
    public static void Fill(ISchedulingWorkspace workspace, ClusterState state, SchedulingContext context, IReadOnlyDictionary<AttemptId, DateTimeOffset> checkpoints)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(state);
        workspace.SetContext(context);
        foreach (var node in state.Nodes.Values.OrderBy(static node => node.Inventory.Id))
        {
            workspace.SetNode(ClusterPlanning.Schedulable(node));
        }

        foreach (var lease in state.Leases.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            Tell(workspace, state, lease.Value, checkpoints);
        }

        foreach (var queued in ClusterPlanning.Consider(state))
        {
            workspace.Enqueue(ClusterPlanning.Pending(state, queued));
        }
    }

    /// <summary>What changed, into a workspace that holds what was before.</summary>
    public static void Apply(
        ISchedulingWorkspace workspace, ClusterState state, ClusterChanges changes, SchedulingContext? context, IReadOnlyDictionary<AttemptId, DateTimeOffset> checkpoints)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(changes);
        if (context is not null)
        {
            workspace.SetContext(context);
        }

        // Nodes that come before what runs on them, and nodes that go after it.
        foreach (var id in changes.Nodes)
        {
            if (state.Nodes.TryGetValue(id.Value, out var node))
            {
                workspace.SetNode(ClusterPlanning.Schedulable(node));
            }
        }

        foreach (var attempt in changes.Targets.Count + changes.Reservations.Count == 0 ? changes.Attempts : [.. changes.Attempts, .. AttemptsOf(state, changes)])
        {
            var key = attempt.ToString();
            if (state.Queue.TryGetValue(key, out var queued))
            {
                workspace.Enqueue(ClusterPlanning.Pending(state, queued));
                continue;
            }

            workspace.Withdraw(attempt);
            if (state.Leases.TryGetValue(key, out var lease))
            {
                Tell(workspace, state, lease, checkpoints);
            }
            else
            {
                workspace.End(attempt);
            }
        }

        if (changes.Users.Count > 0)
        {
            ExpectAnew(workspace, state, changes);
        }

        foreach (var id in changes.Nodes)
        {
            if (!state.Nodes.ContainsKey(id.Value))
            {
                workspace.RemoveNode(id);
            }
        }
    }

    /// <summary>
    /// What waits of users of whose work something was learned, as far as something else is expected of it now: most runs confirm what was expected, and the thousands that ask for the
    /// same are worked out once.
    /// </summary>
    private static void ExpectAnew(ISchedulingWorkspace workspace, ClusterState state, ClusterChanges changes)
    {
        var known = new Dictionary<(string User, string JobType, TimeSpan? Estimate, long Cores), (TimeSpan? Expected, TimeSpan? High)>();
        List<PendingRequest>? others = null;
        foreach (var pending in workspace.Pending)
        {
            if (!changes.Users.Contains(pending.Owner.User))
            {
                continue;
            }

            var kind = (pending.Owner.User, pending.JobType, pending.DurationEstimate, Cores: FairTree.Cores(pending.Resources));
            if (!known.TryGetValue(kind, out var now))
            {
                known.Add(kind, now = ClusterLearning.Of(state.Work, kind.User, kind.JobType, kind.DurationEstimate, kind.Cores));
            }

            if ((pending.DurationExpected, pending.DurationHigh) != now)
            {
                (others ??= []).Add(pending);
            }
        }

        foreach (var pending in others ?? [])
        {
            // Of which its simulation says it itself, that holds.
            if (state.Queue.TryGetValue(pending.Attempt.ToString(), out var queued) && queued.Request.DurationExpected is null)
            {
                workspace.Enqueue(ClusterPlanning.Pending(state, queued));
            }
        }
    }

    private static void Tell(ISchedulingWorkspace workspace, ClusterState state, ClusterLease lease, IReadOnlyDictionary<AttemptId, DateTimeOffset> checkpoints)
    {
        var attempt = lease.Request.Attempt;
        var running = ClusterPlanning.Running(state, lease, checkpoints.TryGetValue(attempt, out var at) ? at : null);
        if (running.Shares.IsEmpty)
        {
            workspace.End(attempt);
        }
        else
        {
            workspace.SetRunning(running);
        }
    }

    /// <summary>All attempts that a simulation, a stage or a campaign names, or that name a reservation. It looks through all that there is, which is done once for a change by a person.</summary>
    private static ImmutableArray<AttemptId> AttemptsOf(ClusterState state, ClusterChanges changes) =>
    [
        .. state.Queue.Values.Select(static queued => queued.Request).Concat(state.Leases.Values.Select(static lease => lease.Request))
            .Where(request => (changes.Targets.Count > 0
                    && (changes.Targets.Contains(request.Attempt.Simulation.Value) || changes.Targets.Contains(request.Campaign) || changes.Targets.Contains(ClusterFold.StageOf(request.Attempt))))
                || (request.Reservation.Length > 0 && changes.Reservations.Contains(request.Reservation)))
            .Select(static request => request.Attempt),
    ];
}
