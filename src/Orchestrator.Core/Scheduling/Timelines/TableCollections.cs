using System.Collections;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>The nodes of a table as rules see them.</summary>
internal sealed class CalendarNodes(Dictionary<NodeId, NodeCalendar> nodes) : IReadOnlyCollection<SchedulableNode>
{
    public int Count => nodes.Count;

    public IEnumerator<SchedulableNode> GetEnumerator()
    {
        foreach (var calendar in nodes.Values)
        {
            yield return calendar.Node;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
