namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>Moments at which a request could start, as spans on nodes; the spans of one node do not touch. Reused from request to request.</summary>
internal sealed class StartSpans
{
    private int[] slots = new int[64];
    private long[] firsts = new long[64];
    private long[] lasts = new long[64];
    private long[] sortedFirsts = new long[64];
    private long[] sortedLasts = new long[64];

    public int Count { get; private set; }

    public void Clear() => Count = 0;

    /// <summary>On this node, from the first moment to the last, both included.</summary>
    public void Add(int slot, long first, long last)
    {
        if (first == long.MaxValue || last < first)
        {
            return;
        }

        if (Count == slots.Length)
        {
            Array.Resize(ref slots, Count * 2);
            Array.Resize(ref firsts, Count * 2);
            Array.Resize(ref lasts, Count * 2);
            sortedFirsts = new long[Count * 2];
            sortedLasts = new long[Count * 2];
        }

        (slots[Count], firsts[Count], lasts[Count]) = (slot, first, last);
        Count++;
    }

    /// <summary>The first moment, from one on, at which so many nodes can start it at once; <see cref="long.MaxValue"/>: never.</summary>
    public long First(int nodes, long from)
    {
        if (Count < nodes)
        {
            return long.MaxValue;
        }

        // Spans without an end stay: when so many of them have begun, there are enough. What begins later cannot matter.
        var bound = Bound(nodes, from);
        if (nodes == 1)
        {
            return bound;
        }

        var kept = 0;
        for (var at = 0; at < Count; at++)
        {
            if (lasts[at] >= from && firsts[at] <= bound)
            {
                (sortedFirsts[kept], sortedLasts[kept]) = (Math.Max(firsts[at], from), lasts[at]);
                kept++;
            }
        }

        if (kept < nodes)
        {
            return long.MaxValue;
        }

        var begins = sortedFirsts.AsSpan(0, kept);
        var ends = sortedLasts.AsSpan(0, kept);
        begins.Sort();
        ends.Sort();
        var over = 0;
        for (var at = 0; at < kept; at++)
        {
            while (ends[over] < begins[at])
            {
                over++;
            }

            if (at + 1 - over >= nodes)
            {
                return begins[at];
            }
        }

        return long.MaxValue;
    }

    /// <summary>A moment by which so many nodes can start it at once, if there is one that is easily found; for one node the very first.</summary>
    private long Bound(int nodes, long from)
    {
        var (first, endless) = (long.MaxValue, 0);
        for (var at = 0; at < Count; at++)
        {
            if (lasts[at] >= from)
            {
                first = Math.Min(first, Math.Max(firsts[at], from));
                if (lasts[at] == long.MaxValue)
                {
                    sortedFirsts[endless++] = firsts[at];
                }
            }
        }

        return nodes == 1 ? first : endless < nodes ? long.MaxValue : Math.Max(from, Smallest(sortedFirsts.AsSpan(0, endless), nodes - 1));
    }

    /// <summary>The element that would be at a place if the list were sorted; moves elements about.</summary>
    private static long Smallest(Span<long> list, int place)
    {
        while (list.Length > 16)
        {
            var (low, middle, high) = (list[0], list[list.Length / 2], list[^1]);
            var pivot = Math.Max(Math.Min(low, middle), Math.Min(Math.Max(low, middle), high));
            var (less, at, more) = (0, 0, list.Length);
            while (at < more)
            {
                if (list[at] < pivot)
                {
                    (list[less], list[at]) = (list[at], list[less]);
                    less++;
                    at++;
                }
                else if (list[at] > pivot)
                {
                    more--;
                    (list[more], list[at]) = (list[at], list[more]);
                }
                else
                {
                    at++;
                }
            }

            if (place < less)
            {
                list = list[..less];
            }
            else if (place >= more)
            {
                list = list[more..];
                place -= more;
            }
            else
            {
                return pivot;
            }
        }

        list.Sort();
        return list[place];
    }

    /// <summary>Fills the list with the nodes that can start it at a moment.</summary>
    public void At(long moment, List<int> nodes)
    {
        for (var at = 0; at < Count; at++)
        {
            if (firsts[at] <= moment && moment <= lasts[at])
            {
                nodes.Add(slots[at]);
            }
        }
    }

    /// <summary>Leaves only the spans of nodes in a part.</summary>
    public void CopyPart(StartSpans from, int[] partOf, int part)
    {
        Clear();
        for (var at = 0; at < from.Count; at++)
        {
            if (partOf[from.slots[at]] == part)
            {
                Add(from.slots[at], from.firsts[at], from.lasts[at]);
            }
        }
    }
}
