using Orchestrator.Core.Scheduling.Order;

namespace Orchestrator.Core.Scheduling;

/// <summary>In which order waiting attempts are considered.</summary>
public interface IRequestOrder
{
    /// <summary>
    /// Every pending attempt of the view once, in its turn: a total order, so that the order in which the view lists them decides nothing (invariant 11).
    /// What it returns holds the view's own request objects.
    /// </summary>
    IReadOnlyList<RankedRequest> Rank(ISchedulingView view, DateTimeOffset now);
}
