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
        workspace.Reserve(problem.Nodes.Length, problem.Running.Length, problem.Pending.Length);
        workspace.SetContext(problem.Context);
        // What is told twice replaces what was told before: then there is no more than there was.
        var told = 0;
        foreach (var node in problem.Nodes)
        {
            workspace.SetNode(node);
            if (workspace.Nodes.Count != ++told)
            {
                throw new ArgumentException($"Node {node.Id} is listed twice.", nameof(problem));
            }
        }

        told = 0;
        foreach (var lease in problem.Running)
        {
            workspace.SetRunning(lease);
            if (workspace.Unknown is { } unknown)
            {
                throw new ArgumentException($"A lease is of node {unknown}, which is not listed.", nameof(problem));
            }

            if (workspace.Running.Count != ++told)
            {
                throw new ArgumentException($"Attempt {lease.Attempt} runs twice.", nameof(problem));
            }
        }

        told = 0;
        foreach (var request in problem.Pending)
        {
            workspace.Enqueue(request);
            if (workspace.Pending.Count != ++told)
            {
                throw new ArgumentException($"Attempt {request.Attempt} is pending twice.", nameof(problem));
            }
        }

        return workspace;
    }
}
