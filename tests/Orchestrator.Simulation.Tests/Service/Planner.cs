using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Simulation.Tests.Service;

/// <summary>As ClusterPlanner: the real scheduler on a workspace that is told what changed. A plan is made on the state of its beginning, and comes back later.</summary>
internal sealed class Planner(ClusterPolicy policy)
{
    private readonly SchedulingWorkspace unused = new(policy.Scheduling, SchedulerParts.Default);
    private SchedulingWorkspace? workspace;
    private ClusterChanges changes = new();
    private long notedTo;

    public IReadOnlyDictionary<AttemptId, WaitReason> Reasons { get; private set; } = new Dictionary<AttemptId, WaitReason>();

    public SchedulingPlan? Plan { get; private set; }

    public long PlannedTo { get; private set; }

    public void Note(IReadOnlyList<ClusterFact> facts, ClusterState state)
    {
        notedTo = Math.Max(notedTo, state.Version);
        var counts = !state.Scenarios.IsEmpty || state.Escrows.Values.Any(static escrow => escrow.Standing is { } standing && (!standing.BudgetLeft.IsEmpty || !standing.UserBudgetLeft.IsEmpty));
        foreach (var fact in facts)
        {
            changes.Note(fact, counts);
        }
    }

    public void NoteCheckpoint(AttemptId attempt) => changes.Attempts.Add(attempt);

    public SchedulingPlan MakePlan(ClusterState state, IReadOnlyDictionary<AttemptId, DateTimeOffset> checkpoints, DateTimeOffset now)
    {
        var what = changes;
        changes = new();
        notedTo = workspace is null ? Math.Max(notedTo, state.Version) : notedTo;
        if (workspace is null)
        {
            workspace = unused;
            ClusterFeed.Fill(workspace, state, ClusterPlanning.Context(state), checkpoints);
        }
        else
        {
            ClusterFeed.Apply(workspace, state, what, what.Context ? ClusterPlanning.Context(state) : null, checkpoints);
        }

        PlannedTo = Math.Min(notedTo, state.Version);
        Plan = workspace.Plan(now);
        Reasons = Plan.Waiting.ToDictionary(static waiting => waiting.Attempt, static waiting => waiting.Reason);
        return Plan;
    }
}
