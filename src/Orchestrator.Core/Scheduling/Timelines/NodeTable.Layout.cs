namespace Orchestrator.Core.Scheduling.Timelines;

internal sealed partial class NodeTable
{
    /// <summary>Puts alike nodes together, by id, and numbers the parts of the topology. What the order of telling was decides nothing.</summary>
    private void LayOut()
    {
        var byRank = ById();
        kinds.Clear();
        patterns.Clear();
        var found = new List<NodeKind>();
        for (var rank = 0; rank < byRank.Length; rank++)
        {
            var calendar = byRank[rank];
            calendar.Rank = rank;
            Arrange(calendar);
            var key = new NodeKindKey(calendar.Node);
            if (!kinds.TryGetValue(key, out var kind))
            {
                kind = new(key) { Index = found.Count, Example = calendar.Node };
                kinds.Add(key, kind);
                found.Add(kind);
            }

            calendar.Kind = kind;
            kind.Count++;
        }

        NodeCalendar[] calendars = [.. byRank];
        kindList = [.. found];
        slots = new NodeCalendar[calendars.Length];
        freeCores = new int[calendars.Length];
        wholeCores = new int[calendars.Length];
        freeMemory = new long[calendars.Length];
        wholeGpus = new int[calendars.Length];
        laterFrom = new long[calendars.Length];
        aloneFrom = new long[calendars.Length];
        marks = new bool[calendars.Length];
        costs = new double[calendars.Length];
        Array.Sort(calendars, static (left, right) =>
            left.Kind != right.Kind ? left.Kind.Index.CompareTo(right.Kind.Index)
            : left.PatternNumber != right.PatternNumber ? left.PatternNumber.CompareTo(right.PatternNumber)
            : left.Rank.CompareTo(right.Rank));
        answers = new PatternAnswer[patterns.Count];
        examples = new NodeCalendar[patterns.Count];
        NodeCell? cell = null;
        for (var slot = 0; slot < calendars.Length; slot++)
        {
            var calendar = calendars[slot];
            if (cell is null || cell.Kind != calendar.Kind || cell.Pattern != calendar.PatternNumber)
            {
                cell = new(calendar.Kind, calendar.PatternNumber, slot);
                calendar.Kind.Cells.Add(cell);
            }

            cell.Size++;
            examples[cell.Pattern] = calendar;
            (calendar.Cell, calendar.Slot, slots[slot]) = (cell, slot, calendar);
        }

        var matter = found.Exists(static kind => kind.Key.User.Length > 0);
        ShapeGeneration += matter == usersMatter ? 0 : 1;
        usersMatter = matter;
        layoutVersion++;
        NumberParts(byRank);
    }

    /// <summary>All nodes by their ids; most sites tell them so.</summary>
    private NodeCalendar[] ById()
    {
        var calendars = calendarList.ToArray();
        for (var at = 1; at < calendars.Length; at++)
        {
            if (calendars[at].Node.Id < calendars[at - 1].Node.Id)
            {
                Array.Sort(calendars, static (left, right) => left.Node.Id.CompareTo(right.Node.Id));
                break;
            }
        }

        return calendars;
    }

    /// <summary>A part is told by all names down to its level: two racks may each have a switch of the same name.</summary>
    /// <param name="byRank">All nodes, by id; their slots are known.</param>
    private void NumberParts(NodeCalendar[] byRank)
    {
        partsOfLevel.Clear();
        partCounts.Clear();
        var known = new Dictionary<(int Above, string Name), TopologyPart>();
        foreach (var calendar in byRank)
        {
            var above = 0;
            foreach (var name in calendar.Node.Topology)
            {
                if (!known.TryGetValue((above, name), out var part))
                {
                    var equals = name.IndexOf('=', StringComparison.Ordinal);
                    if (equals <= 0)
                    {
                        continue;
                    }

                    part = NewPart(name[..equals], known.Count + 1);
                    known.Add((above, name), part);
                }

                part.OfLevel[calendar.Slot] = part.Number;
                above = part.Path;
            }
        }
    }

    private TopologyPart NewPart(string level, int path)
    {
        if (!partsOfLevel.TryGetValue(level, out var parts))
        {
            parts = new int[slots.Length];
            Array.Fill(parts, -1);
            partsOfLevel.Add(level, parts);
            partCounts.Add(level, 0);
        }

        return new(path, parts, partCounts[level]++);
    }

    /// <param name="Path">Tells it from the others, whatever their level.</param>
    /// <param name="OfLevel">Of each slot, the number of its part on this level.</param>
    /// <param name="Number">On its level.</param>
    private readonly record struct TopologyPart(int Path, int[] OfLevel, int Number);
}
