namespace Orchestrator.Core.Scheduling;

/// <summary>Which of the nodes that fit a request it had better take. Opened once for each plan.</summary>
public interface INodePreference
{
    INodeRanking Open(ISchedulingView view, DateTimeOffset now);
}

/// <summary>The preference during one plan.</summary>
public interface INodeRanking
{
    /// <summary>
    /// The smaller, the better; equal ones go by their id. It depends only on the node's capabilities, kind, power figures and reliability, and on the request's resources, kind of
    /// work and data, never on what is free, so that it is asked once for each kind of both.
    /// </summary>
    double Cost(SchedulableNode node, PendingRequest request);
}
