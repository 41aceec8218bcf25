using Orchestrator.Core.Clusters;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Grains.Clusters;

/// <summary>
/// Makes plans on the thread pool, so that the grain goes on answering calls: it works on an immutable snapshot, and the plan is revalidated before anything is granted.
/// </summary>
internal sealed class PlanRunner(ISchedulingPolicy policy)
{
    /// <summary>The plan for the state, as if nothing changed since.</summary>
    public Task<SchedulingPlan> RunAsync(ClusterState state, DateTimeOffset now, CancellationToken cancellationToken) =>
        // The one place in the grains that leaves their scheduler on purpose: it touches nothing of the grain.
        Task.Run(() => policy.Plan(ClusterPlanning.Problem(state), now), cancellationToken);
}
