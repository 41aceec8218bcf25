using System.Collections.Immutable;

namespace Orchestrator.Core.TaskSets.Segments;

/// <summary>Sets of numbers as ranges. All that these return ascends, and neither overlaps nor touches; so must be what they are given, but for <see cref="Normal"/>.</summary>
public static class TaskRanges
{
    /// <summary>From numbers in any order.</summary>
    public static ImmutableArray<TaskRange> Of(IEnumerable<int> numbers) => Normal([.. numbers.Select(static number => new TaskRange(number, number))]);

    /// <summary>From ranges in any order, as others sent them: what is no range is left out.</summary>
    public static ImmutableArray<TaskRange> Normal(ImmutableArray<TaskRange> ranges)
    {
        if (ranges.IsDefaultOrEmpty)
        {
            return [];
        }

        var joined = ImmutableArray.CreateBuilder<TaskRange>();
        foreach (var range in ranges.Where(static range => range.First >= 0 && range.First <= range.Last).OrderBy(static range => range.First))
        {
            if (joined.Count > 0 && range.First - 1 <= joined[^1].Last)
            {
                joined[^1] = new(joined[^1].First, Math.Max(joined[^1].Last, range.Last));
            }
            else
            {
                joined.Add(range);
            }
        }

        return joined.ToImmutable();
    }

    public static int Count(ImmutableArray<TaskRange> ranges)
    {
        var count = 0;
        foreach (var range in ranges)
        {
            count += range.Count;
        }

        return count;
    }

    public static IEnumerable<int> Numbers(ImmutableArray<TaskRange> ranges) => ranges.SelectMany(static range => Enumerable.Range(range.First, range.Count));

    public static bool Contains(ImmutableArray<TaskRange> ranges, int number)
    {
        var (low, high) = (0, ranges.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (number < ranges[middle].First)
            {
                high = middle - 1;
            }
            else if (number > ranges[middle].Last)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    public static ImmutableArray<TaskRange> Union(ImmutableArray<TaskRange> one, ImmutableArray<TaskRange> other) =>
        one.IsEmpty ? other : other.IsEmpty ? one : Normal(one.AddRange(other));

    public static ImmutableArray<TaskRange> Intersect(ImmutableArray<TaskRange> one, ImmutableArray<TaskRange> other)
    {
        var common = ImmutableArray.CreateBuilder<TaskRange>();
        for (var (i, j) = (0, 0); i < one.Length && j < other.Length;)
        {
            var (first, last) = (Math.Max(one[i].First, other[j].First), Math.Min(one[i].Last, other[j].Last));
            if (first <= last)
            {
                common.Add(new(first, last));
            }

            _ = one[i].Last < other[j].Last ? i++ : j++;
        }

        return common.ToImmutable();
    }

    /// <summary>What is in the first and not in the second.</summary>
    public static ImmutableArray<TaskRange> Except(ImmutableArray<TaskRange> from, ImmutableArray<TaskRange> taken)
    {
        if (taken.IsEmpty)
        {
            return from;
        }

        var left = ImmutableArray.CreateBuilder<TaskRange>();
        var next = 0;
        foreach (var range in from)
        {
            while (next < taken.Length && taken[next].Last < range.First)
            {
                next++;
            }

            var first = range.First;
            for (var at = next; at < taken.Length && taken[at].First <= range.Last; at++)
            {
                if (taken[at].First > first)
                {
                    left.Add(new(first, taken[at].First - 1));
                }

                // Beyond the range when nothing of it is left; what is taken may end at the largest number there is.
                first = Math.Min(taken[at].Last, range.Last) + 1;
            }

            if (first <= range.Last)
            {
                left.Add(new(first, range.Last));
            }
        }

        return left.ToImmutable();
    }
}
