using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Clusters;

/// <summary>Plays a cluster's queue forward by its own plans: who ends frees nodes, who is placed runs as long as is expected, until nobody waits.</summary>
public sealed class ClusterForecast(SchedulingSettings settings, SchedulerParts parts)
{
    /// <summary>So many plans are made at most: a queue of thousands costs seconds, not minutes.</summary>
    private const int PlansMax = 4000;

    private const int NodesMax = 10_000;

    /// <summary>Work of which nobody says how long it runs is taken to run for so long.</summary>
    private static readonly TimeSpan UnknownDuration = TimeSpan.FromHours(1);

    /// <summary>Nothing is switched, and nobody makes way, for a question.</summary>
    private readonly SchedulerParts parts = parts with { Power = null, Preemption = null };

    /// <summary>What is wrong with a question, as a sentence that names the field; null: nothing.</summary>
    public static string? Problem(ClusterState state, WhatIf what)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(what);
        return
            what.Horizon <= TimeSpan.Zero ? "horizon: a time above 0 is allowed."
            : what.Nodes.FirstOrDefault(more => more.Like.Value is null || !state.Nodes.ContainsKey(more.Like.Value)) is { } strange ? $"nodes.like: the cluster has no node \"{strange.Like.Value}\"."
            : what.Nodes.Any(static more => more.Count < 1) || what.Nodes.Sum(static more => (long)more.Count) > NodesMax ? string.Create(CultureInfo.InvariantCulture, $"nodes.count: 1 to {NodesMax} in all are allowed.")
            : what.WithoutWindows.FirstOrDefault(window => !state.Windows.ContainsKey(window)) is { } window ? $"without_windows: there is no window \"{window}\"."
            : what.Windows.FirstOrDefault(static window => window.End <= window.Start) is { } wrong ? $"windows.{wrong.Id}.end: it is not after the start."
            : what.Priorities.Select(PrioritySetting.Problem).FirstOrDefault(static problem => problem is not null) is { } priority ? $"priorities.{priority}"
            : what.Requests.Select(LeaseRequestRules.Problem).FirstOrDefault(static problem => problem is not null) is { } request ? $"requests.{request}"
            : what.Followers.Select(static follower => LeaseRequestRules.Problem(follower.Request)).FirstOrDefault(static problem => problem is not null) is { } wrongToo ? $"followers.{wrongToo}"
            : Twice(state, what) is { } twice ? $"requests: {twice} is there already."
            : Strange(what) is { } missing ? $"followers.after: {missing} is no work of the question."
            : null;
    }

    private static AttemptId? Twice(ClusterState state, WhatIf what)
    {
        var seen = new HashSet<AttemptId>();
        foreach (var attempt in what.Requests.Select(static request => request.Attempt).Concat(what.Followers.Select(static follower => follower.Request.Attempt)))
        {
            if (!seen.Add(attempt) || state.Queue.ContainsKey(attempt.ToString()) || state.Leases.ContainsKey(attempt.ToString()))
            {
                return attempt;
            }
        }

        return null;
    }

    private static AttemptId? Strange(WhatIf what)
    {
        var known = what.Requests.Select(static request => request.Attempt).Concat(what.Followers.Select(static follower => follower.Request.Attempt)).ToHashSet();
        foreach (var after in what.Followers.SelectMany(static follower => follower.After))
        {
            if (!known.Contains(after))
            {
                return after;
            }
        }

        return null;
    }

    /// <summary>The forecast as things are, and with what is asked for.</summary>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    public QueueForecast Ask(ClusterState state, WhatIf what, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (Problem(state, what) is { } problem)
        {
            return new() { Problem = problem, At = now };
        }

        var (asItIs, isWhole) = Play(ClusterPlanning.Problem(state), state, [], what.Horizon, now, cancellationToken);
        if (what.Nodes.IsEmpty && what.Windows.IsEmpty && what.WithoutWindows.IsEmpty && what.Priorities.IsEmpty && what.Requests.IsEmpty)
        {
            return new() { At = now, AsItIs = asItIs, IsWhole = isWhole };
        }

        var changed = Change(state, what, now);
        var (after, isWholeToo) = Play(With(ClusterPlanning.Problem(changed), changed, what), changed, what.Followers, what.Horizon, now, cancellationToken);
        return new() { At = now, AsItIs = asItIs, Changed = after, IsWhole = isWhole && isWholeToo };
    }

    private static ClusterState Change(ClusterState state, WhatIf what, DateTimeOffset now)
    {
        foreach (var priority in what.Priorities)
        {
            state = ClusterFold.Apply(state, new ClusterFact.PrioritySet { Priority = priority with { Target = PrioritySetting.TargetOf(priority.Target) } }, now);
        }

        foreach (var window in what.WithoutWindows)
        {
            state = ClusterFold.Apply(state, new ClusterFact.WindowSet { Window = state.Windows[window] with { Status = WindowStatus.Cancelled } }, now);
        }

        foreach (var window in what.Windows)
        {
            state = ClusterFold.Apply(state, new ClusterFact.WindowSet { Window = window with { Status = WindowStatus.Pending } }, now);
        }

        foreach (var request in what.Requests)
        {
            state = ClusterFold.Apply(state, new ClusterFact.Requested { Request = request }, now);
        }

        return state;
    }

    private static SchedulingProblem With(SchedulingProblem problem, ClusterState state, WhatIf what)
    {
        var more = what.Nodes.SelectMany((nodes, group) => Enumerable.Range(1, nodes.Count).Select(number =>
            ClusterPlanning.Schedulable(state.Nodes[nodes.Like.Value]) with
            {
                Id = new(string.Create(CultureInfo.InvariantCulture, $"n-what-if-{group + 1}-{number}")),
                Draining = false,
                NotSeen = false,
                PowerState = PowerState.On,
                ReadyAt = null,
            }));
        return problem with { Nodes = [.. problem.Nodes, .. more] };
    }

    private (ImmutableArray<ForecastRun> Runs, bool IsWhole) Play(
        SchedulingProblem problem, ClusterState state, ImmutableArray<FollowingRequest> followers, TimeSpan horizon, DateTimeOffset start, CancellationToken cancellationToken)
    {
        var held = new HeldRequests(followers);
        var workspace = new Scheduler(settings, parts).Fill(problem);
        var waiting = problem.Pending.ToDictionary(static request => request.Attempt);
        var runs = new Dictionary<AttemptId, ForecastRun>();
        var ends = new PriorityQueue<AttemptId, DateTimeOffset>();
        var until = start + horizon;
        foreach (var lease in problem.Running)
        {
            var end = lease.StopBy ?? lease.EndExpected ?? lease.EndsBy;
            end = end < start || lease.Ending ? start : end;
            runs[lease.Attempt] = new() { Attempt = lease.Attempt, Start = lease.StartedAt, End = end, SimulationEnd = EndOf(state, lease.Attempt, lease.StartedAt), Runs = true };
            if (end is { } at)
            {
                ends.Enqueue(lease.Attempt, at);
            }
        }

        var edges = new Queue<DateTimeOffset>(problem.Context.Windows.SelectMany(static window => new[] { window.Start, window.End })
            .Concat(problem.Context.Reservations.SelectMany(static reservation => new[] { reservation.Start, reservation.End })).Where(at => at > start).Distinct().Order());
        var now = start;
        var plans = 0;
        while (waiting.Count + held.Count > 0 && plans < PlansMax && now < until)
        {
            cancellationToken.ThrowIfCancellationRequested();
            plans++;
            var plan = workspace.Plan(now);
            foreach (var placement in plan.Placements)
            {
                var request = waiting[placement.Attempt];
                waiting.Remove(placement.Attempt);
                var end = now + Duration(request);
                runs[request.Attempt] = new() { Attempt = request.Attempt, Start = now, End = request.DurationExpected is null && request.DurationEstimate is null ? null : end, SimulationEnd = now + request.WorkAhead };
                workspace.SetRunning(Running(request, placement, now));
                ends.Enqueue(request.Attempt, end);
            }

            DateTimeOffset? next = ends.TryPeek(out _, out var first) ? first : null;
            next = plan.NextChange is { } change && change > now && !(next <= change) ? change : next;
            next = edges.TryPeek(out var edge) && !(next <= edge) ? edge : next;
            if (next is not { } then)
            {
                break;
            }

            now = then > now ? then : now;
            if (edges.TryPeek(out edge) && edge <= now)
            {
                while (edges.TryPeek(out edge) && edge <= now)
                {
                    edges.Dequeue();
                }

                workspace.SetContext(At(problem.Context, now));
            }

            while (ends.TryPeek(out var over, out var at) && at <= now)
            {
                ends.Dequeue();
                workspace.End(over);
                foreach (var released in held.Release(over))
                {
                    var pending = ClusterPlanning.Pending(state, new QueuedRequest { Request = released, Since = now });
                    workspace.Enqueue(pending);
                    waiting.Add(pending.Attempt, pending);
                }
            }
        }

        foreach (var attempt in waiting.Keys.Concat(held.Attempts))
        {
            runs[attempt] = new() { Attempt = attempt };
        }

        return ([.. runs.Values.OrderBy(static run => run.Start ?? DateTimeOffset.MaxValue).ThenBy(static run => run.Attempt.ToString(), StringComparer.Ordinal)], plans < PlansMax && now < until);
    }

    /// <summary>What was arranged, at a later moment: windows and reservations begin and end as planned.</summary>
    private static SchedulingContext At(SchedulingContext context, DateTimeOffset now) => context with
    {
        Windows = [.. context.Windows.Where(window => window.End > now).Select(window => window.Start <= now ? window with { Status = WindowStatus.Active } : window)],
        Reservations =
        [
            .. context.Reservations.Where(reservation => reservation.End > now)
                .Select(reservation => reservation is { State: ReservationState.Confirmed } && reservation.Start <= now ? reservation with { State = ReservationState.Active } : reservation),
        ],
    };

    private static TimeSpan Duration(PendingRequest request) => request.DurationExpected ?? request.DurationEstimate ?? UnknownDuration;

    private static DateTimeOffset? EndOf(ClusterState state, AttemptId attempt, DateTimeOffset started) =>
        state.Leases.TryGetValue(attempt.ToString(), out var lease) ? started + lease.Request.WorkAhead : null;

    private static RunningLease Running(PendingRequest request, Placement placement, DateTimeOffset now) => new()
    {
        Attempt = request.Attempt,
        Shares = placement.Shares,
        Resources = request.Resources,
        Priority = request.Priority,
        Owner = request.Owner,
        JobType = request.JobType,
        StartedAt = now,
        EndsBy = now + (request.DurationEstimate ?? Duration(request)),
        EndExpected = now + request.DurationExpected,
        Deadline = request.Deadline,
        Protected = request.Protected,
        CanCheckpoint = request.CanCheckpoint,
        Reservation = request.Reservation,
    };
}
