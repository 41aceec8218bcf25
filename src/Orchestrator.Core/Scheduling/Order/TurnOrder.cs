using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling.Order;

/// <summary>
/// The order of priorities; of equal ones the earlier deadline first, if that counts; then the earlier submission, then the smaller id. A total order, so that where it begins decides nothing: it begins
/// with the order of the last time, since a queue changes little from plan to plan.
/// </summary>
internal sealed class TurnOrder
{
    private readonly Permutation last = new();
    private ulong[] keys = [];

    /// <summary>The indexes of all that wait, in their turn; good until the next call.</summary>
    public ReadOnlySpan<int> Sort(ReadOnlySpan<WaitingFacts> waiting, ReadOnlySpan<double> priorities, bool byDeadline)
    {
        var items = last.Of(waiting.Length);
        if (keys.Length < items.Length)
        {
            keys = new ulong[Spare.Length(keys.Length, items.Length)];
        }

        Sort(items, SortLevel.Priority, waiting, priorities, byDeadline);
        return items;
    }

    /// <summary>By one key after the other, each for those that are equal by all before it: sorts of plain numbers are several times as fast as one with a comparison of all.</summary>
    private void Sort(Span<int> items, SortLevel level, ReadOnlySpan<WaitingFacts> waiting, ReadOnlySpan<double> priorities, bool byDeadline, int from = 0)
    {
        if (level == SortLevel.Attempt)
        {
            SortByAttempt(items, waiting);
            return;
        }

        var own = keys.AsSpan(from, items.Length);
        for (var at = 0; at < own.Length; at++)
        {
            own[at] = KeyOf(items[at], level, waiting, priorities);
        }

        AdaptiveSort.Sort(own, items);
        var next = level == SortLevel.Priority && byDeadline ? SortLevel.Deadline : level == SortLevel.Submission ? SortLevel.Attempt : SortLevel.Submission;
        for (var start = 0; start < own.Length;)
        {
            var end = start + 1;
            while (end < own.Length && own[end] == own[start])
            {
                end++;
            }

            if (end - start > 1)
            {
                // The keys of the run are overwritten; those behind it are not.
                Sort(items[start..end], next, waiting, priorities, byDeadline, from + start);
            }

            start = end;
        }
    }

    private static void SortByAttempt(Span<int> items, ReadOnlySpan<WaitingFacts> waiting)
    {
        var attempts = new AttemptId[items.Length];
        for (var at = 0; at < items.Length; at++)
        {
            attempts[at] = waiting[items[at]].Request.Attempt;
        }

        attempts.AsSpan().Sort(items, CompareAttempts);
    }

    /// <summary>Smaller goes first.</summary>
    private static ulong KeyOf(int index, SortLevel level, ReadOnlySpan<WaitingFacts> waiting, ReadOnlySpan<double> priorities) => level switch
    {
        // The bits of numbers that are not negative are in the order of the numbers.
        SortLevel.Priority => ulong.MaxValue - BitConverter.DoubleToUInt64Bits(priorities[index]),
        SortLevel.Deadline => (ulong)waiting[index].Deadline,
        _ => (ulong)waiting[index].Request.SubmissionOrder ^ (1UL << 63),
    };

    private static int CompareAttempts(AttemptId x, AttemptId y)
    {
        var simulations = x.Simulation.CompareTo(y.Simulation);
        var stages = simulations != 0 ? simulations : string.CompareOrdinal(x.Stage, y.Stage);
        return stages != 0 ? stages : x.Epoch.CompareTo(y.Epoch);
    }

    private enum SortLevel
    {
        Priority,
        Deadline,
        Submission,
        Attempt,
    }
}
