namespace Orchestrator.Core.Forecasting.Series;

/// <summary>Where steps begin and how long they are. Months differ, so nothing else may count with a fixed length of them.</summary>
public static class SeriesCalendar
{
    /// <summary>Mean length of a month of the Gregorian calendar, in days.</summary>
    private const double DaysOfMonth = 30.436875;

    /// <summary>1970-01-05, the first Monday of the Unix clock.</summary>
    private static readonly DateTimeOffset Monday = new(1970, 1, 5, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The step in which the moment lies, counted from a fixed origin; neighbours differ by 1.</summary>
    public static long IndexOf(DateTimeOffset moment, SeriesStep step)
    {
        var utc = moment.UtcDateTime;
        return step == SeriesStep.Month ? (utc.Year * 12L) + utc.Month - 1 : FloorDivide(moment.UtcTicks - Monday.UtcTicks, Ticks(step));
    }

    /// <summary>When the step begins.</summary>
    public static DateTimeOffset StartOf(long index, SeriesStep step) =>
        step == SeriesStep.Month
            ? new DateTimeOffset((int)(index / 12), (int)(index % 12) + 1, 1, 0, 0, 0, TimeSpan.Zero)
            : Monday.AddTicks(index * Ticks(step));

    /// <summary>How long the step is.</summary>
    public static TimeSpan LengthOf(long index, SeriesStep step) => StartOf(index + 1, step) - StartOf(index, step);

    /// <summary>How long a step is beside the usual one: 1, and about 0.92 to 1.02 for months.</summary>
    public static double Weight(long index, SeriesStep step) => step == SeriesStep.Month ? LengthOf(index, step).TotalDays / DaysOfMonth : 1;

    /// <summary>The usual length of a step.</summary>
    public static TimeSpan Usual(SeriesStep step) => step == SeriesStep.Month ? TimeSpan.FromDays(DaysOfMonth) : TimeSpan.FromTicks(Ticks(step));

    /// <summary>Periods, in steps, at which such a series may repeat itself, the shortest first.</summary>
    public static ReadOnlySpan<int> Seasons(SeriesStep step) => step switch
    {
        SeriesStep.Minute => [60, 1440],
        SeriesStep.Hour => [24, 168],
        SeriesStep.Day => [7, 365],
        SeriesStep.Week => [52],
        SeriesStep.Month => [12],
        _ => [],
    };

    /// <summary>Lengths of windows, in steps, over which a mean makes sense: a few weeks, a season, a year.</summary>
    internal static ReadOnlySpan<int> Windows(SeriesStep step) => step switch
    {
        SeriesStep.Minute => [60, 360, 1440],
        SeriesStep.Hour => [24, 168, 672],
        SeriesStep.Day => [14, 56, 182],
        SeriesStep.Week => [8, 26, 52],
        _ => [6, 12, 18],
    };

    private static long Ticks(SeriesStep step) => step switch
    {
        SeriesStep.Minute => TimeSpan.TicksPerMinute,
        SeriesStep.Hour => TimeSpan.TicksPerHour,
        SeriesStep.Day => TimeSpan.TicksPerDay,
        SeriesStep.Week => 7 * TimeSpan.TicksPerDay,
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "a step is a minute, hour, day, week or month"),
    };

    private static long FloorDivide(long value, long by) => (value / by) - (value % by < 0 ? 1 : 0);
}
