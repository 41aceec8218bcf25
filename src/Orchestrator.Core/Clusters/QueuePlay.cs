using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Clusters;

/// <summary>One queue, played forward plan by plan: who ends frees nodes, who is placed runs as long as is expected, until nobody waits or nothing changes any more.</summary>
internal sealed class QueuePlay
{
    /// <summary>Work of which nobody says how long it runs is taken to run for so long.</summary>
    private static readonly TimeSpan UnknownDuration = TimeSpan.FromHours(1);

    private readonly ClusterState state;
    private readonly SchedulingContext context;
    private readonly SchedulingWorkspace workspace;
    private readonly HeldRequests held;
    private readonly Dictionary<AttemptId, PendingRequest> waiting;
    private readonly Dictionary<AttemptId, ForecastRun> runs = [];
    private readonly PriorityQueue<AttemptId, DateTimeOffset> ends = new();
    private readonly Queue<DateTimeOffset> edges;
    private readonly DateTimeOffset until;

    /// <summary>What scenarios with shares have got as far as it was played: else the one that has the least now would go first all the time.</summary>
    private ImmutableSortedDictionary<string, ScenarioSetUse> scenarios;
    private bool isStuck;

    /// <param name="scheduler">Makes the plans.</param>
    /// <param name="problem">Machine and queue at the beginning.</param>
    /// <param name="state">Of the cluster, for what a problem does not say.</param>
    /// <param name="followers">Work that comes once other work ended.</param>
    /// <param name="until">It is not played beyond this.</param>
    /// <param name="start">The beginning.</param>
    public QueuePlay(Scheduler scheduler, SchedulingProblem problem, ClusterState state, ImmutableArray<FollowingRequest> followers, DateTimeOffset until, DateTimeOffset start)
    {
        (this.state, this.until, Now, context, scenarios) = (state, until, start, problem.Context, problem.Context.Scenarios);
        workspace = scheduler.Fill(problem);
        held = new(followers);
        waiting = problem.Pending.ToDictionary(static request => request.Attempt);
        foreach (var lease in problem.Running)
        {
            var end = lease.StopBy ?? lease.EndExpected ?? lease.EndsBy;
            end = end < start || lease.Ending ? start : end;
            runs[lease.Attempt] = new() { Attempt = lease.Attempt, Start = lease.StartedAt, End = end, SimulationEnd = EndOf(lease.Attempt, lease.StartedAt), Runs = true };
            if (end is { } at)
            {
                ends.Enqueue(lease.Attempt, at);
            }
        }

        edges = new(context.Windows.SelectMany(static window => new[] { window.Start, window.End })
            .Concat(context.Reservations.SelectMany(static reservation => new[] { reservation.Start, reservation.End })).Where(at => at > start).Distinct().Order());
    }

    /// <summary>So far it was played: who starts before is known.</summary>
    public DateTimeOffset Now { get; private set; }

    /// <summary>Nobody waits, or who waits never starts: nothing more is to be learned from it.</summary>
    public bool IsWhole => isStuck || waiting.Count + held.Count == 0;

    public bool IsOver => IsWhole || Now >= until;

    /// <summary>Makes one plan, starts what it places, and goes on to the next moment at which something changes.</summary>
    public void Step()
    {
        var plan = workspace.Plan(Now);
        var before = scenarios;
        foreach (var placement in plan.Placements)
        {
            Start(placement);
        }

        DateTimeOffset? next = ends.TryPeek(out _, out var first) ? first : null;
        next = plan.NextChange is { } change && change > Now && !(next <= change) ? change : next;
        next = edges.TryPeek(out var edge) && !(next <= edge) ? edge : next;
        if (next is not { } then)
        {
            isStuck = true;
            return;
        }

        Now = then > Now ? then : Now;
        if (PassEdges() || !ReferenceEquals(before, scenarios))
        {
            workspace.SetContext(At(context, Now) with { Scenarios = scenarios });
            LeaveReservations();
        }

        while (ends.TryPeek(out var over, out var at) && at <= Now)
        {
            ends.Dequeue();
            workspace.End(over);
            foreach (var released in held.Release(over))
            {
                var pending = AsOfNow(ClusterPlanning.Pending(state, new QueuedRequest { Request = released, Since = Now }));
                workspace.Enqueue(pending);
                waiting.Add(pending.Attempt, pending);
            }
        }
    }

    /// <summary>By start, then attempt; who has no start as far as was played is among them.</summary>
    public ImmutableArray<ForecastRun> Runs() =>
    [
        .. runs.Values.Concat(waiting.Keys.Concat(held.Attempts).Select(static attempt => new ForecastRun { Attempt = attempt }))
            .OrderBy(static run => run.Start ?? DateTimeOffset.MaxValue).ThenBy(static run => run.Attempt.ToString(), StringComparer.Ordinal),
    ];

    private void Start(Placement placement)
    {
        var request = waiting[placement.Attempt];
        waiting.Remove(placement.Attempt);
        var end = Now + Duration(request);
        runs[request.Attempt] = new()
        {
            Attempt = request.Attempt,
            Start = Now,
            End = request.DurationExpected is null && request.DurationEstimate is null ? null : end,
            SimulationEnd = Now + request.WorkAhead,
        };
        workspace.SetRunning(Running(request, placement, Now));
        ends.Enqueue(request.Attempt, end);
        scenarios = ClusterScenarios.Started(scenarios, request.Share, placement, Duration(request));
    }

    /// <summary>False: nothing begins or ends by now.</summary>
    private bool PassEdges()
    {
        var passed = false;
        while (edges.TryPeek(out var edge) && edge <= Now)
        {
            edges.Dequeue();
            passed = true;
        }

        return passed;
    }

    /// <summary>Those whose reservation is over wait on without it.</summary>
    private void LeaveReservations()
    {
        foreach (var request in waiting.Values.Where(static request => request.Reservation.Length > 0).ToList())
        {
            var pending = AsOfNow(request);
            if (!ReferenceEquals(pending, request))
            {
                waiting[request.Attempt] = pending;
                workspace.Enqueue(pending);
            }
        }
    }

    /// <summary>A request whose reservation is over by then waits without it.</summary>
    private PendingRequest AsOfNow(PendingRequest request) =>
        request.Reservation.Length == 0 || context.Reservations.Any(reservation => reservation.Id == request.Reservation && reservation.End > Now) ? request : request with { Reservation = "" };

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

    private DateTimeOffset? EndOf(AttemptId attempt, DateTimeOffset started) =>
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
