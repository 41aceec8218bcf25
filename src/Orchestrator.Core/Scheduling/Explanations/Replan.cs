using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Backfill;

namespace Orchestrator.Core.Scheduling.Explanations;

/// <summary>Plans a view again with something changed. Its workspaces are its own.</summary>
internal sealed class Replan
{
    private readonly ISchedulingView view;
    private readonly SchedulerParts parts;
    private readonly DateTimeOffset now;
    private readonly int depth;
    private readonly SchedulingWorkspace whole;
    private SchedulingWorkspace? learned;

    /// <param name="view">Is copied.</param>
    /// <param name="parts">Without preemption and power.</param>
    /// <param name="now">The moment of all plans.</param>
    /// <param name="depth">So many of the queue are planned in turn; 0: none, since it would take too long.</param>
    public Replan(ISchedulingView view, SchedulerParts parts, DateTimeOffset now, int depth)
    {
        this.view = view;
        this.parts = parts;
        this.now = now;
        this.depth = depth;
        whole = Copy(view.Nodes, view.Running, view.Pending);
    }

    public SchedulingPlan AsItIs() => whole.Plan(now);

    /// <summary>Whether it would start now in place of the one that waits, by the policy in force.</summary>
    public bool StartsNow(PendingRequest changed, SchedulingContext? context = null)
    {
        var original = view.Pending.First(request => request.Attempt == changed.Attempt);
        whole.Enqueue(changed);
        whole.SetContext(context ?? view.Context);
        var starts = whole.Plan(now).Placements.Any(placement => placement.Attempt == changed.Attempt);
        whole.Enqueue(original);
        whole.SetContext(view.Context);
        return starts;
    }

    /// <summary>When it starts if all that are ahead of it, and itself, keep a place in time by their estimates; null: not as far as is known.</summary>
    public DateTimeOffset? InTurn(PendingRequest changed, SchedulingContext? context = null)
    {
        var original = view.Pending.First(request => request.Attempt == changed.Attempt);
        whole.Enqueue(changed);
        whole.SetContext(context ?? view.Context);
        var start = Start(whole, changed.Attempt);
        whole.Enqueue(original);
        whole.SetContext(view.Context);
        return start;
    }

    /// <summary>The same, if all run as long as was learned.</summary>
    public DateTimeOffset? InTurnAsLearned(PendingRequest request) => Start(learned ??= Copy(view.Nodes, view.Running.Select(Learned), view.Pending.Select(Learned)), request.Attempt);

    /// <summary>When it would start if nobody else waited.</summary>
    public DateTimeOffset? Alone(PendingRequest request) => Start(Copy(view.Nodes, view.Running, [request]), request.Attempt);

    /// <summary>The same, if all that runs ended as was learned.</summary>
    public DateTimeOffset? AloneAsLearned(PendingRequest request) => Start(Copy(view.Nodes, view.Running.Select(Learned), [Learned(request)]), request.Attempt);

    private static PendingRequest Learned(PendingRequest request) =>
        request.DurationExpected is { } expected && !(request.DurationEstimate < expected) ? request with { DurationEstimate = expected } : request;

    private static RunningLease Learned(RunningLease lease) =>
        lease.EndExpected is { } expected && !(lease.EndsBy < expected) ? lease with { EndsBy = expected } : lease;

    private DateTimeOffset? Start(SchedulingWorkspace workspace, AttemptId attempt)
    {
        if (depth == 0)
        {
            return null;
        }

        var inForce = workspace.Settings;
        workspace.Settings = inForce with { Backfill = inForce.Backfill with { Kind = BackfillKind.Conservative, Window = null, Depth = depth } };
        var plan = workspace.Plan(now);
        workspace.Settings = inForce;
        return plan.Placements.Any(placement => placement.Attempt == attempt) ? now : plan.Places.FirstOrDefault(place => place.Attempt == attempt)?.Start;
    }

    private SchedulingWorkspace Copy(IEnumerable<SchedulableNode> nodes, IEnumerable<RunningLease> running, IEnumerable<PendingRequest> pending)
    {
        var workspace = new SchedulingWorkspace(view.Settings, parts);
        workspace.SetContext(view.Context);
        foreach (var node in nodes)
        {
            workspace.SetNode(node);
        }

        foreach (var lease in running)
        {
            workspace.SetRunning(lease);
        }

        foreach (var request in pending)
        {
            workspace.Enqueue(request);
        }

        return workspace;
    }
}
