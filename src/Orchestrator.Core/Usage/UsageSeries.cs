using System.Collections.Immutable;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Core.Usage;

/// <summary>Use of one thing over time: by months for ever, by days, hours and minutes for what is newer. Every bucket is whole: a coarser one holds all that the finer ones of its time held.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.usage-series")]
public sealed record UsageSeries
{
    /// <summary>Minutes that are kept: three hours.</summary>
    public const int MinutesMax = 180;

    /// <summary>Hours that are kept: two weeks.</summary>
    public const int HoursMax = 14 * 24;

    /// <summary>Days that are kept: three years.</summary>
    public const int DaysMax = 1100;

    public static UsageSeries Empty { get; } = new();

    [Id(0)] public UsageAmounts Total { get; init; } = UsageAmounts.None;

    /// <summary>By the number of the minute, as <see cref="SeriesCalendar.IndexOf"/> counts; those below likewise.</summary>
    [Id(1)] public ImmutableSortedDictionary<long, UsageAmounts> Minutes { get; init; } = ImmutableSortedDictionary<long, UsageAmounts>.Empty;

    [Id(2)] public ImmutableSortedDictionary<long, UsageAmounts> Hours { get; init; } = ImmutableSortedDictionary<long, UsageAmounts>.Empty;

    [Id(3)] public ImmutableSortedDictionary<long, UsageAmounts> Days { get; init; } = ImmutableSortedDictionary<long, UsageAmounts>.Empty;

    [Id(4)] public ImmutableSortedDictionary<long, UsageAmounts> Months { get; init; } = ImmutableSortedDictionary<long, UsageAmounts>.Empty;

    /// <summary>The end of the newest use.</summary>
    [Id(5)] public DateTimeOffset Newest { get; init; }

    /// <summary>With what was used from one moment to another, spread evenly over it. What an old record would add to buckets that are gone, only the coarser ones get.</summary>
    /// <param name="from">Start.</param>
    /// <param name="until">End, not before the start.</param>
    /// <param name="amounts">What was used.</param>
    /// <param name="finest">Finer buckets than these are not kept.</param>
    /// <param name="daysMax">Days that are kept.</param>
    public UsageSeries With(DateTimeOffset from, DateTimeOffset until, UsageAmounts amounts, SeriesStep finest = SeriesStep.Minute, int daysMax = DaysMax)
    {
        ArgumentNullException.ThrowIfNull(amounts);
        from = until < from ? until : from;
        var newest = until > Newest ? until : Newest;
        return this with
        {
            Total = Total + amounts,
            Newest = newest,
            Minutes = finest > SeriesStep.Minute ? Minutes : Spread(Minutes, SeriesStep.Minute, MinutesMax, newest, from, until, amounts),
            Hours = finest > SeriesStep.Hour ? Hours : Spread(Hours, SeriesStep.Hour, HoursMax, newest, from, until, amounts),
            Days = finest > SeriesStep.Day ? Days : Spread(Days, SeriesStep.Day, daysMax, newest, from, until, amounts),
            Months = Spread(Months, SeriesStep.Month, int.MaxValue, newest, from, until, amounts),
        };
    }

    /// <summary>With all that another one holds.</summary>
    public UsageSeries With(UsageSeries other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new()
        {
            Total = Total + other.Total,
            Newest = other.Newest > Newest ? other.Newest : Newest,
            Minutes = Together(Minutes, other.Minutes),
            Hours = Together(Hours, other.Hours),
            Days = Together(Days, other.Days),
            Months = Together(Months, other.Months),
        };
    }

    /// <summary>The buckets of a spacing; weeks are made of days.</summary>
    public ImmutableSortedDictionary<long, UsageAmounts> By(SeriesStep step) => step switch
    {
        SeriesStep.Minute => Minutes,
        SeriesStep.Hour => Hours,
        SeriesStep.Day => Days,
        SeriesStep.Week => Days.GroupBy(static day => SeriesCalendar.IndexOf(SeriesCalendar.StartOf(day.Key, SeriesStep.Day), SeriesStep.Week))
            .ToImmutableSortedDictionary(static week => week.Key, static week => week.Aggregate(UsageAmounts.None, static (sum, day) => sum + day.Value)),
        SeriesStep.Month => Months,
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "allowed: minute, hour, day, week, month"),
    };

    /// <summary>What falls into each step when it was used evenly; the attempt counts where it ended.</summary>
    /// <param name="from">Start.</param>
    /// <param name="until">End, not before the start.</param>
    /// <param name="amounts">What was used.</param>
    /// <param name="step">Spacing.</param>
    /// <param name="oldest">Steps before this one are left out.</param>
    public static IEnumerable<(long Index, UsageAmounts Amounts)> Split(DateTimeOffset from, DateTimeOffset until, UsageAmounts amounts, SeriesStep step, long oldest = long.MinValue)
    {
        ArgumentNullException.ThrowIfNull(amounts);
        var last = LastOf(from, until, step);
        for (var at = Math.Max(oldest, SeriesCalendar.IndexOf(from, step)); at <= last; at++)
        {
            var (start, end) = (SeriesCalendar.StartOf(at, step), SeriesCalendar.StartOf(at + 1, step));
            var part = until <= from ? 1 : ((end < until ? end : until) - (start > from ? start : from)) / (until - from);
            yield return (at, amounts.Part(part) with { Attempts = at == last ? amounts.Attempts : 0 });
        }
    }

    /// <summary>What ends exactly where a step begins belongs to the one before, but what takes no time to where it is.</summary>
    private static long LastOf(DateTimeOffset from, DateTimeOffset until, SeriesStep step) => SeriesCalendar.IndexOf(until > from ? until.AddTicks(-1) : until, step);

    private static ImmutableSortedDictionary<long, UsageAmounts> Together(ImmutableSortedDictionary<long, UsageAmounts> one, ImmutableSortedDictionary<long, UsageAmounts> other)
    {
        var builder = one.ToBuilder();
        foreach (var (at, more) in other)
        {
            builder[at] = builder.TryGetValue(at, out var known) ? known + more : more;
        }

        return builder.ToImmutable();
    }

    private static ImmutableSortedDictionary<long, UsageAmounts> Spread(
        ImmutableSortedDictionary<long, UsageAmounts> buckets, SeriesStep step, int most, DateTimeOffset newest, DateTimeOffset from, DateTimeOffset until, UsageAmounts amounts)
    {
        var latest = Math.Max(LastOf(from, until, step), SeriesCalendar.IndexOf(newest > DateTimeOffset.MinValue ? newest.AddTicks(-1) : newest, step));
        var oldest = most == int.MaxValue ? long.MinValue : latest - most + 1;
        var builder = buckets.ToBuilder();
        foreach (var (at, more) in Split(from, until, amounts, step, oldest))
        {
            builder[at] = builder.TryGetValue(at, out var known) ? known + more : more;
        }

        while (builder.Count > 0 && builder.Keys.First() < oldest)
        {
            builder.Remove(builder.Keys.First());
        }

        return builder.ToImmutable();
    }
}
