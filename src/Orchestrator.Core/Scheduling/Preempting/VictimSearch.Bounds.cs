namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>What candidates can free at most, and lose at least: found once for all requests that are asked with the same ones, so that most of those that find nobody are not sought for.</summary>
internal sealed partial class VictimSearch
{
    /// <summary>As many of the smallest numbers are found one by one, and more of them by sorting all.</summary>
    private const int FewSmallest = 64;

    /// <summary>Cores that each node can have free at most by the end of the search.</summary>
    private int[] bound = [];

    /// <summary>On each node, so many candidates; of their parts, equal on all nodes of each, of what is lost when they leave: the smallest and the sum.</summary>
    private int[] candidatesOn = [];
    private double[] leastOn = [];
    private double[] sumOn = [];

    /// <summary>Of whom all that was found; null: of nobody yet.</summary>
    private List<VictimLease>? boundOf;

    /// <summary>Bit n: some of them are of class n.</summary>
    private int classes;

    /// <summary>As long as nobody's place is taken, all this is the same for the same candidates.</summary>
    private void Bound(List<VictimLease> candidates)
    {
        if (ReferenceEquals(boundOf, candidates))
        {
            return;
        }

        boundOf = candidates;
        classes = 0;
        room.FreeCores.CopyTo(bound, 0);
        Array.Clear(candidatesOn);
        Array.Clear(sumOn);
        Array.Fill(leastOn, double.PositiveInfinity);
        foreach (var lease in candidates)
        {
            classes |= 1 << (int)lease.Priority;
            var part = lease.Cost / lease.Slots.Length;
            for (var i = 0; i < lease.Slots.Length; i++)
            {
                if (lease.Slots[i] is not (>= 0 and var slot))
                {
                    continue;
                }

                bound[slot] += lease.CoresOn(i);
                if (!lease.Gone)
                {
                    candidatesOn[slot]++;
                    sumOn[slot] += part;
                    leastOn[slot] = Math.Min(leastOn[slot], part);
                }
            }
        }
    }

    /// <summary>
    /// False: whoever of the candidates leaves, in no part do enough nodes become free, or more is lost than may be. On each of those nodes somebody leaves, and everybody where it is wanted alone: so at
    /// least the smallest sum of as many parts is lost.
    /// </summary>
    private bool MayPay(double lossMost)
    {
        for (var part = 0; part < counts.Length; part++)
        {
            var missing = wanted.Nodes - counts[part];
            if (missing <= 0)
            {
                return true;
            }

            var possible = 0;
            foreach (var slot in slotsOfPart.AsSpan(partFrom[part]..partFrom[part + 1]))
            {
                if (!fits[slot] && candidatesOn[slot] > 0 && (!wanted.Exclusive || candidatesOn[slot] == room.Nodes[slot].Users))
                {
                    leastOfPart[possible++] = wanted.Exclusive ? sumOn[slot] : leastOn[slot];
                }
            }

            if (possible >= missing && IsWithin(leastOfPart.AsSpan(0, possible), missing, lossMost))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether so many of the smallest together are not more than a limit; moves numbers about. Sums of the same numbers in another order differ a little.</summary>
    private static bool IsWithin(Span<double> numbers, int count, double limit)
    {
        if (double.IsPositiveInfinity(limit))
        {
            return true;
        }

        if (count > FewSmallest)
        {
            numbers.Sort();
        }
        else
        {
            // The first of the span become the smallest so far, in their order.
            for (var at = 1; at < numbers.Length; at++)
            {
                var number = numbers[at];
                var to = Math.Min(at, count);
                if (to == count && number >= numbers[to - 1])
                {
                    continue;
                }

                to = Math.Min(at, count - 1);
                for (; to > 0 && numbers[to - 1] > number; to--)
                {
                    numbers[to] = numbers[to - 1];
                }

                numbers[to] = number;
            }
        }

        var sum = 0.0;
        foreach (var number in numbers[..count])
        {
            sum += number;
        }

        return sum * (1 - 1e-9) <= limit;
    }
}
