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

/// <summary>The leases of a table as rules see them.</summary>
internal sealed class EntryLeases(Dictionary<AttemptId, LeaseEntry> leases) : IReadOnlyCollection<RunningLease>
{
    public int Count => leases.Count;

    public IEnumerator<RunningLease> GetEnumerator()
    {
        foreach (var entry in leases.Values)
        {
            yield return entry.Lease;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
