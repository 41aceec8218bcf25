using Orchestrator.Core.Scheduling;

namespace Orchestrator.Grains.Clusters;

/// <summary>
/// Makes plans on the thread pool, so that the grain goes on answering calls: a plan is made of immutable snapshots, and is revalidated before anything of it is stored.
/// </summary>
internal sealed class PlanRunner(Func<SchedulingSettings, ISchedulingWorkspace> workspaces)
{
    /// <summary>A workspace that knows nothing yet.</summary>
    public ISchedulingWorkspace Open(SchedulingSettings settings) => workspaces(settings);

    /// <summary>Runs work that touches nothing of a grain.</summary>
    public static Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken) =>
        // The one place in the grains that leaves their scheduler on purpose.
        Task.Run(work, cancellationToken);
}
