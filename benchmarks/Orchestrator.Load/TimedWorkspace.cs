using System.Diagnostics;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Load;

/// <summary>The service's own workspace, and how long its plans take.</summary>
internal sealed class TimedWorkspace(ISchedulingWorkspace workspace, Latencies plans) : ISchedulingWorkspace
{
    public IReadOnlyCollection<PendingRequest> Pending => workspace.Pending;

    public void SetNode(SchedulableNode node) => workspace.SetNode(node);

    public void RemoveNode(NodeId node) => workspace.RemoveNode(node);

    public void Enqueue(PendingRequest request) => workspace.Enqueue(request);

    public void Withdraw(AttemptId attempt) => workspace.Withdraw(attempt);

    public void SetRunning(RunningLease lease) => workspace.SetRunning(lease);

    public void End(AttemptId attempt) => workspace.End(attempt);

    public void SetContext(SchedulingContext context) => workspace.SetContext(context);

    public SchedulingPlan Plan(DateTimeOffset now)
    {
        var watch = Stopwatch.StartNew();
        var plan = workspace.Plan(now);
        plans.Add(watch.Elapsed);
        return plan;
    }
}
