namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>
/// Nodes of one kind for which the same is arranged (windows, reservations, end of the allocation): neighbours in the table, by id. Whether a time is open to a request is asked once for all
/// of them, and how many of them are closed for other reasons is counted, so that a cell without a free core costs a few instructions.
/// </summary>
internal sealed class NodeCell(NodeKind kind, int pattern, int first)
{
    public NodeKind Kind => kind;

    /// <summary>The number of what is arranged; cells of several kinds may share it.</summary>
    public int Pattern => pattern;

    /// <summary>The first slot.</summary>
    public int First => first;

    public int Size { get; set; }

    public int End => First + Size;

    /// <summary>So many of its nodes are, each by its <see cref="NodeStanding"/>.</summary>
    public int Draining { get; private set; }

    public int NotSeen { get; private set; }

    public int Unpowered { get; private set; }

    public int Alone { get; private set; }

    public int Used { get; private set; }

    public void Forget() => (Draining, NotSeen, Unpowered, Alone, Used) = (0, 0, 0, 0, 0);

    /// <summary>Counts one of its nodes as what it is at a moment, and no more as what it was counted.</summary>
    public void Count(NodeCalendar calendar, long now)
    {
        var standing = calendar.Standing(now);
        if (standing != calendar.Counted)
        {
            Add(calendar.Counted, -1);
            Add(standing, +1);
            calendar.Counted = standing;
        }
    }

    private void Add(NodeStanding standing, int sign)
    {
        Draining += (standing & NodeStanding.Draining) != 0 ? sign : 0;
        NotSeen += (standing & NodeStanding.NotSeen) != 0 ? sign : 0;
        Unpowered += (standing & NodeStanding.Unpowered) != 0 ? sign : 0;
        Alone += (standing & NodeStanding.Alone) != 0 ? sign : 0;
        Used += (standing & NodeStanding.Used) != 0 ? sign : 0;
    }
}
