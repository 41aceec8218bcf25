namespace Orchestrator.Core.Scheduling;

/// <summary>All nodes that fit are equally good: the lowest id is taken.</summary>
public sealed class PlainPreference : INodePreference, INodeRanking
{
    /// <inheritdoc/>
    public INodeRanking Open(ISchedulingView view, DateTimeOffset now) => this;

    /// <inheritdoc/>
    public double Cost(SchedulableNode node, PendingRequest request) => 0;
}
