namespace Orchestrator.Core.Scheduling.Timelines;

internal sealed partial class NodeTable
{
    /// <summary>Puts alike nodes together, by id, and numbers the parts of the topology. What the order of telling was decides nothing.</summary>
    private void LayOut()
    {
        var calendars = byId.Values.ToArray();
        Array.Sort(calendars, static (left, right) => left.Node.Id.CompareTo(right.Node.Id));
        kinds.Clear();
        patterns.Clear();
        var found = new List<NodeKind>();
        for (var rank = 0; rank < calendars.Length; rank++)
        {
            var calendar = calendars[rank];
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

        kindList = [.. found];
        slots = new NodeCalendar[calendars.Length];
        freeCores = new int[calendars.Length];
        wholeCores = new int[calendars.Length];
        freeMemory = new long[calendars.Length];
        marks = new bool[calendars.Length];
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
        NumberParts();
    }

    /// <summary>A part is told by all names down to its level: two racks may each have a switch of the same name.</summary>
    private void NumberParts()
    {
        partsOfLevel.Clear();
        partCounts.Clear();
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var calendar in slots.OrderBy(static calendar => calendar.Rank))
        {
            var path = "";
            foreach (var name in calendar.Node.Topology)
            {
                var equals = name.IndexOf('=', StringComparison.Ordinal);
                if (equals <= 0)
                {
                    continue;
                }

                path = $"{path}/{name}";
                var level = name[..equals];
                if (!partsOfLevel.TryGetValue(level, out var parts))
                {
                    parts = new int[slots.Length];
                    Array.Fill(parts, -1);
                    partsOfLevel.Add(level, parts);
                    partCounts.Add(level, 0);
                }

                if (!numbers.TryGetValue(path, out var number))
                {
                    number = partCounts[level]++;
                    numbers.Add(path, number);
                }

                parts[calendar.Slot] = number;
            }
        }
    }
}
