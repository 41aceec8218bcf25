namespace Orchestrator.Core.Scheduling.Timelines;

internal sealed partial class NodeTable
{
    /// <summary>Puts nodes of a kind together, by id, and numbers the parts of the topology. What the order of telling was decides nothing.</summary>
    private void LayOut()
    {
        var calendars = byId.Values.ToArray();
        Array.Sort(calendars, static (left, right) => left.Node.Id.CompareTo(right.Node.Id));
        kinds.Clear();
        var found = new List<NodeKind>();
        for (var rank = 0; rank < calendars.Length; rank++)
        {
            var calendar = calendars[rank];
            calendar.Rank = rank;
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

        var first = 0;
        foreach (var kind in found)
        {
            kind.First = first;
            first += kind.Count;
            kind.Count = 0;
        }

        kindList = [.. found];
        slots = new NodeCalendar[calendars.Length];
        freeCores = new int[calendars.Length];
        marks = new bool[calendars.Length];
        foreach (var calendar in calendars)
        {
            calendar.Slot = calendar.Kind.First + calendar.Kind.Count++;
            slots[calendar.Slot] = calendar;
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
