using Orchestrator.Core.Scheduling;

namespace Orchestrator.Grains.Clusters;

/// <summary>
/// Makes plans on the thread pool, so that the grain goes on answering calls: a plan is made of immutable snapshots, and is revalidated before anything of it is stored. The snapshots
/// of ledgers, which grow as long as plans, are written down here too.
/// </summary>
internal sealed class PlanRunner(Func<SchedulingSettings, ISchedulingWorkspace> workspaces)
{
    private int running;

    /// <summary>Nothing of it is under way, on a thread or in the queue for one.</summary>
    public bool IsIdle => Volatile.Read(ref running) == 0;

    /// <summary>A workspace that knows nothing yet.</summary>
    public ISchedulingWorkspace Open(SchedulingSettings settings) => workspaces(settings);

    /// <summary>Runs work that touches nothing of a grain.</summary>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref running);
        try
        {
            // The one place in the grains that leaves their scheduler on purpose.
            return await Task.Run(work, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref running);
        }
    }
}
