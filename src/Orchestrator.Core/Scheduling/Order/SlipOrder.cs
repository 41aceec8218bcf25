namespace Orchestrator.Core.Scheduling.Order;

/// <summary>
/// The order of those that may only slip in: the places that a user's work of one class has in the queue stay its own, and it takes them by wait and size, so that neither shares nor classes
/// change by it. What has a deadline, or a priority that was set, keeps its turn.
/// </summary>
internal sealed class SlipOrder
{
    private readonly Permutation last = new();
    private ulong[] keys = [];
    private int[] slipping = [];
    private int[] next = [];
    private bool[] slips = [];

    /// <param name="items">The indexes of all that wait, in their turn.</param>
    /// <param name="waiting">All that wait; their users are known.</param>
    /// <param name="sheet">How long each counts as having waited, and its class without age.</param>
    /// <param name="sources">Of each, who set its priority.</param>
    /// <param name="places">Of each, its turn; where it slips in, its place among those that do.</param>
    public void Place(ReadOnlySpan<int> items, ReadOnlySpan<WaitingFacts> waiting, FactorSheet sheet, PrioritySource[] sources, int[] places)
    {
        var order = last.Of(items.Length);
        if (keys.Length < items.Length)
        {
            var size = Spare.Length(keys.Length, items.Length);
            (keys, slipping, next, slips) = (new ulong[size], new int[size], new int[size], new bool[size]);
        }

        var (count, others) = (0, 0);
        foreach (var index in order)
        {
            slips[index] = waiting[index].Deadline == long.MaxValue && sources[index] == PrioritySource.Computed;
            if (slips[index])
            {
                (keys[count], slipping[count]) = (ulong.MaxValue - BitConverter.DoubleToUInt64Bits(sheet.Slips[index]), index);
                count++;
            }
            else
            {
                order[others++] = index;
            }
        }

        AdaptiveSort.Sort(keys.AsSpan(0, count), slipping.AsSpan(0, count));
        SortEqual(count, places);
        slipping.AsSpan(0, count).CopyTo(order[others..]);

        // Strings the work of each user and class together, the first to slip in first; then gives the places, in the order of the queue, each to the first that waits in its group.
        foreach (var index in slipping.AsSpan(0, count))
        {
            waiting[index].User!.Enqueue((int)sheet.Unaged[index], index, next);
        }

        for (var turn = 0; turn < items.Length; turn++)
        {
            if (slips[items[turn]])
            {
                places[waiting[items[turn]].User!.Dequeue((int)sheet.Unaged[items[turn]], next)] = turn;
            }
        }
    }

    /// <summary>Those that count the same go in the order of the queue.</summary>
    private void SortEqual(int count, int[] places)
    {
        for (var start = 0; start < count;)
        {
            var end = start + 1;
            while (end < count && keys[end] == keys[start])
            {
                end++;
            }

            if (end - start > 1)
            {
                slipping.AsSpan(start, end - start).Sort((left, right) => places[left].CompareTo(places[right]));
            }

            start = end;
        }
    }
}
