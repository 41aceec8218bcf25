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

    public int Count { get; set; }

    public int End => First + Count;

    public int Draining { get; set; }

    /// <summary>Not draining, and not seen alive.</summary>
    public int NotSeen { get; set; }

    /// <summary>Neither of the two, and without power.</summary>
    public int Unpowered { get; set; }

    /// <summary>None of the three, and somebody has it alone.</summary>
    public int Alone { get; set; }

    /// <summary>None of the first three, and somebody has something of it.</summary>
    public int Used { get; set; }

    public void Forget() => (Draining, NotSeen, Unpowered, Alone, Used) = (0, 0, 0, 0, 0);

    /// <summary>Counts one of its nodes, or takes it off.</summary>
    public void Tally(NodeCalendar calendar, long now, int sign)
    {
        if (calendar.Node.Draining)
        {
            Draining += sign;
        }
        else if (calendar.Node.NotSeen)
        {
            NotSeen += sign;
        }
        else if (calendar.PoweredFrom > now)
        {
            Unpowered += sign;
        }
        else
        {
            Alone += calendar.Alone ? sign : 0;
            Used += calendar.Used ? sign : 0;
        }
    }
}
