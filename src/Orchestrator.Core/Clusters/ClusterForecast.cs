using System.Globalization;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Clusters;

/// <summary>Plays a cluster's queue forward by its own plans, as it is and as it might be, for as long as there is time for it.</summary>
public sealed class ClusterForecast(SchedulingSettings settings, SchedulerParts parts)
{
    /// <summary>So many plans are made at most, of each: the longest question ends.</summary>
    private const int PlansMax = 4000;

    private const int NodesMax = 10_000;

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

    /// <summary>The forecast as things are, and with what is asked for; both are played side by side, so that they reach as far as each other.</summary>
    /// <param name="state">The cluster.</param>
    /// <param name="what">The changes.</param>
    /// <param name="now">The present.</param>
    /// <param name="enough">Once it is cancelled no further plan is made, and what is known by then is the answer: what starts at once always is.</param>
    public QueueForecast Ask(ClusterState state, WhatIf what, DateTimeOffset now, CancellationToken enough)
    {
        if (Problem(state, what) is { } problem)
        {
            return new() { Problem = problem, At = now };
        }

        var scheduler = new Scheduler(settings, parts);
        var until = now + what.Horizon;
        var asItIs = new QueuePlay(scheduler, ClusterPlanning.Problem(state), state, [], until, now);
        QueuePlay? changed = null;
        if (!what.ChangesNothing)
        {
            var after = Change(state, what, now);
            changed = new(scheduler, With(ClusterPlanning.Problem(after), after, what), after, what.Followers, until, now);
        }

        for (var plans = 0; plans < PlansMax && (plans == 0 || !enough.IsCancellationRequested) && !(asItIs.IsOver && changed is null or { IsOver: true }); plans++)
        {
            Step(asItIs);
            Step(changed);
        }

        var isWhole = asItIs.IsWhole && changed is null or { IsWhole: true };
        return new()
        {
            At = now,
            AsItIs = asItIs.Runs(),
            Changed = changed?.Runs() ?? [],
            IsWhole = isWhole,
            PlayedUntil = isWhole ? null : new[] { asItIs, changed }.OfType<QueuePlay>().Where(static play => !play.IsWhole).Min(static play => play.Now),
        };

        static void Step(QueuePlay? play)
        {
            if (play is { IsOver: false })
            {
                play.Step();
            }
        }
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
}
