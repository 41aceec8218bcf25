namespace Orchestrator.Core.Scheduling.Order;

/// <summary>Sorts keys that are nearly in order, as those of a queue are from one plan to the next, in one walk; others as the library does.</summary>
internal static class AdaptiveSort
{
    /// <summary>So many places for each key may be moved before it is not worth it.</summary>
    private const int MovesEach = 8;

    /// <summary>Sorts keys and what belongs to them, the smallest first; the order of equal ones is any.</summary>
    public static void Sort(Span<ulong> keys, Span<int> items)
    {
        var left = MovesEach * keys.Length;
        for (var at = 1; at < keys.Length; at++)
        {
            var (key, item) = (keys[at], items[at]);
            var to = at;
            while (to > 0 && keys[to - 1] > key)
            {
                (keys[to], items[to]) = (keys[to - 1], items[to - 1]);
                to--;
            }

            (keys[to], items[to]) = (key, item);
            left -= at - to;
            if (left < 0)
            {
                keys.Sort(items);
                return;
            }
        }
    }
}
