namespace Orchestrator.Core.Scheduling;

/// <summary>
/// The scheduler for a whole problem at once. It is a workspace that is filled, asked once and forgotten, so that the two cannot differ. It may be used by several threads.
/// </summary>
public sealed class Scheduler(SchedulingSettings settings, SchedulerParts parts) : ISchedulingPolicy
{
    /// <summary>The default policy.</summary>
    public Scheduler()
        : this(new(), SchedulerParts.Default)
    {
    }

    /// <inheritdoc/>
    public SchedulingPlan Plan(SchedulingProblem problem, DateTimeOffset now) => Fill(problem).Plan(now);

    /// <summary>A workspace that holds the problem.</summary>
    /// <exception cref="ArgumentException">A node or an attempt is listed twice, or a share is of a node not listed.</exception>
    public SchedulingWorkspace Fill(SchedulingProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var workspace = new SchedulingWorkspace(settings, parts);
        workspace.SetContext(problem.Context);
        foreach (var node in problem.Nodes)
        {
            if (workspace.Knows(node.Id))
            {
                throw new ArgumentException($"Node {node.Id} is listed twice.", nameof(problem));
            }

            workspace.SetNode(node);
        }

        foreach (var lease in problem.Running)
        {
            foreach (var share in lease.Shares)
            {
                if (!workspace.Knows(share.Node))
                {
                    throw new ArgumentException($"A lease is of node {share.Node}, which is not listed.", nameof(problem));
                }
            }

            if (workspace.Runs(lease.Attempt))
            {
                throw new ArgumentException($"Attempt {lease.Attempt} runs twice.", nameof(problem));
            }

            workspace.SetRunning(lease);
        }

        foreach (var request in problem.Pending)
        {
            if (workspace.Waits(request.Attempt))
            {
                throw new ArgumentException($"Attempt {request.Attempt} is pending twice.", nameof(problem));
            }

            workspace.Enqueue(request);
        }

        return workspace;
    }
}
