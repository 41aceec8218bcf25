namespace Orchestrator.Core.Scheduling;

/// <summary>What the rules of a plan look at: a snapshot that does not change while they do.</summary>
public interface ISchedulingView
{
    IReadOnlyCollection<SchedulableNode> Nodes { get; }

    IReadOnlyCollection<RunningLease> Running { get; }

    IReadOnlyCollection<PendingRequest> Pending { get; }

    SchedulingContext Context { get; }

    SchedulingSettings Settings { get; }
}
