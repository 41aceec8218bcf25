namespace Orchestrator.Core.Scheduling.Order;

/// <summary>All indexes below a count, each once, in the order in which they were left: where a sort begins that has little to do.</summary>
internal sealed class Permutation
{
    private int[] items = [];
    private int known;

    /// <summary>As it was left, without what is not there any more, and with what is new behind.</summary>
    public Span<int> Of(int count)
    {
        if (items.Length < count)
        {
            Array.Resize(ref items, Spare.Length(items.Length, count));
        }

        if (known > count)
        {
            var kept = 0;
            for (var at = 0; at < known; at++)
            {
                if (items[at] < count)
                {
                    items[kept++] = items[at];
                }
            }
        }

        for (var at = known; at < count; at++)
        {
            items[at] = at;
        }

        known = count;
        return items.AsSpan(0, count);
    }
}
