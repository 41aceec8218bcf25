using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling;

/// <summary>
/// A machine and its queue as they change, on which plan after plan is made without looking at all again. What it holds, and so each plan, follows from what it was told, not from
/// the order in which it was told, nor from the plans it made before (invariant 11). Not safe for several threads.
/// </summary>
public interface ISchedulingWorkspace
{
    /// <summary>What waits, in no order.</summary>
    IReadOnlyCollection<PendingRequest> Pending { get; }

    /// <summary>Adds the node, or replaces what was known of it.</summary>
    void SetNode(SchedulableNode node);

    void RemoveNode(NodeId node);

    /// <summary>Adds a waiting attempt, or replaces what was known of it.</summary>
    void Enqueue(PendingRequest request);

    /// <summary>It does not wait any more; one that does not wait is no error.</summary>
    void Withdraw(AttemptId attempt);

    /// <summary>Adds a running attempt, or replaces what was known of it, such as the shares that are still taken. It does not wait any more.</summary>
    void SetRunning(RunningLease lease);

    /// <summary>All that it held is free.</summary>
    void End(AttemptId attempt);

    void SetContext(SchedulingContext context);

    /// <summary>The plan for what it holds; it does not take its own placements for granted: whoever starts them says so by <see cref="SetRunning"/>.</summary>
    SchedulingPlan Plan(DateTimeOffset now);
}
