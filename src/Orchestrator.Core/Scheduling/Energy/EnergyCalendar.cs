using System.Collections.Immutable;

namespace Orchestrator.Core.Scheduling.Energy;

/// <summary>
/// What energy costs when, ready for questions. Before the first price that one holds already, after the last it holds on.
/// Costs are of work that draws one kilowatt: only what is compared needs no more.
/// </summary>
public sealed class EnergyCalendar
{
    private readonly long[] from;
    private readonly double[] price;

    /// <summary>The cost of all time from the first price to each of the others.</summary>
    private readonly double[] sum;

    /// <param name="prices">Ascending; at least one, each a number.</param>
    /// <exception cref="ArgumentException">There is none, one is not a number, or they do not ascend.</exception>
    public EnergyCalendar(ImmutableArray<EnergyPrice> prices)
    {
        if (prices.IsDefaultOrEmpty)
        {
            throw new ArgumentException("There is no price.", nameof(prices));
        }

        from = new long[prices.Length];
        price = new double[prices.Length];
        sum = new double[prices.Length];
        for (var at = 0; at < prices.Length; at++)
        {
            from[at] = prices[at].From.UtcTicks;
            price[at] = prices[at].PerKilowattHour;
            if (!double.IsFinite(price[at]))
            {
                throw new ArgumentException($"The price from {prices[at].From:O} on is not a number.", nameof(prices));
            }

            if (at > 0)
            {
                if (from[at] <= from[at - 1])
                {
                    throw new ArgumentException($"The price from {prices[at].From:O} on does not come after the one before it.", nameof(prices));
                }

                sum[at] = sum[at - 1] + price[at - 1] * Hours(from[at] - from[at - 1]);
            }
        }
    }

    public double PriceAt(DateTimeOffset moment) => price[Index(moment.UtcTicks)];

    /// <summary>The cost of a kilowatt from a moment on for a duration, over all prices in that time.</summary>
    public double Cost(DateTimeOffset start, TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        return Until(start.UtcTicks + duration.Ticks) - Until(start.UtcTicks);
    }

    /// <summary>The next change of price after a moment; null: there is none.</summary>
    public DateTimeOffset? NextChange(DateTimeOffset moment)
    {
        var next = moment.UtcTicks < from[0] ? 0 : Index(moment.UtcTicks) + 1;
        return next < from.Length ? new(from[next], TimeSpan.Zero) : null;
    }

    /// <summary>The start from <paramref name="earliest"/> to <paramref name="latest"/> at which work that runs in one piece costs least; of equal ones the earliest.</summary>
    public DateTimeOffset CheapestStart(DateTimeOffset earliest, DateTimeOffset latest, TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        var first = earliest.UtcTicks;
        var last = latest.UtcTicks;
        if (last <= first)
        {
            return earliest;
        }

        // Between two changes, of the price at the start or at the end, the cost is linear: it is least at one of them.
        var length = duration.Ticks;
        var best = first;
        var bestCost = double.PositiveInfinity;
        var atStart = Index(first);
        var atEnd = Index(first + length);
        var start = first;
        while (true)
        {
            var cost = Until(start + length, atEnd) - Until(start, atStart);
            // A cheaper one only by more than what rounding does, so that equal prices give the earliest.
            if (cost < bestCost - 1e-12 * Math.Abs(bestCost) || double.IsPositiveInfinity(bestCost))
            {
                bestCost = cost;
                best = start;
            }

            if (start == last)
            {
                return new(best, TimeSpan.Zero);
            }

            var nextStart = atStart + 1 < from.Length ? Math.Max(from[atStart + 1], start + 1) : long.MaxValue;
            var nextEnd = atEnd + 1 < from.Length ? Math.Max(from[atEnd + 1] - length, start + 1) : long.MaxValue;
            start = Math.Min(last, Math.Min(nextStart, nextEnd));
            while (atStart + 1 < from.Length && from[atStart + 1] <= start)
            {
                atStart++;
            }

            while (atEnd + 1 < from.Length && from[atEnd + 1] <= start + length)
            {
                atEnd++;
            }
        }
    }

    /// <summary>
    /// The times from <paramref name="earliest"/> to <paramref name="until"/>, ascending and apart from each other, in which work that can be stopped and go on costs least.
    /// Of equally dear ones the earliest. Together they are <paramref name="duration"/>, or all the time that there is.
    /// </summary>
    public ImmutableArray<EnergySlot> CheapestParts(DateTimeOffset earliest, DateTimeOffset until, TimeSpan duration)
    {
        var pieces = new List<(double Price, long From, long Until)>();
        for (long at = earliest.UtcTicks, end = until.UtcTicks; at < end;)
        {
            var index = Index(at);
            var next = index + 1 < from.Length ? Math.Min(from[index + 1], end) : end;
            pieces.Add((price[index], at, next));
            at = next;
        }

        pieces.Sort(static (left, right) => left.Price != right.Price ? left.Price.CompareTo(right.Price) : left.From.CompareTo(right.From));
        var left = duration.Ticks;
        var taken = new List<(long From, long Until)>();
        foreach (var piece in pieces)
        {
            if (left <= 0)
            {
                break;
            }

            var length = Math.Min(left, piece.Until - piece.From);
            taken.Add((piece.From, piece.From + length));
            left -= length;
        }

        taken.Sort();
        var slots = ImmutableArray.CreateBuilder<EnergySlot>();
        foreach (var (start, end) in taken)
        {
            if (slots.Count > 0 && slots[^1].Until.UtcTicks == start)
            {
                slots[^1] = slots[^1] with { Until = new(end, TimeSpan.Zero) };
            }
            else
            {
                slots.Add(new(new(start, TimeSpan.Zero), new(end, TimeSpan.Zero)));
            }
        }

        return slots.ToImmutable();
    }

    private static double Hours(long ticks) => (double)ticks / TimeSpan.TicksPerHour;

    private double Until(long moment) => Until(moment, Index(moment));

    private double Until(long moment, int index) => sum[index] + price[index] * Hours(moment - from[index]);

    private int Index(long moment)
    {
        var found = Array.BinarySearch(from, moment);
        return found >= 0 ? found : Math.Max(0, ~found - 1);
    }
}

/// <summary>A time in which work runs.</summary>
public readonly record struct EnergySlot(DateTimeOffset From, DateTimeOffset Until);
