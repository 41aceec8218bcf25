using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Core.Forecasting.Planned;

/// <summary>What is known in advance, by steps.</summary>
internal static class PlannedSteps
{
    /// <summary>Share of the step's usual use that the calendar leaves.</summary>
    public static double Factor(ImmutableArray<CalendarFactor> calendar, long index, SeriesStep step)
    {
        var factor = 1.0;
        foreach (var each in calendar)
        {
            factor += (each.Factor - 1) * Overlap(each.From, each.Until, index, step) / SeriesCalendar.LengthOf(index, step);
        }

        return Math.Max(0, factor);
    }

    /// <summary>What is planned for the step: as part of the usual load, and on top of it.</summary>
    public static (double Floor, double Extra) Of(ImmutableArray<PlannedWork> planned, long index, SeriesStep step)
    {
        double floor = 0, extra = 0;
        foreach (var work in planned)
        {
            var amount = work.Amount * work.Probability * (Overlap(work.From, work.Until, index, step) / (work.Until - work.From));
            (floor, extra) = work.IsExtra ? (floor, extra + amount) : (floor + amount, extra);
        }

        return (floor, extra);
    }

    /// <exception cref="ForecastException">All that is wrong.</exception>
    public static void Check(ForecastOptions options, SeriesStep step)
    {
        var wrong = new List<string>();
        var most = (int)(ForecastOptions.YearsMax * 366 / SeriesCalendar.Usual(step).TotalDays);
        if (options.Horizon < 1 || options.Horizon > most)
        {
            wrong.Add(string.Create(CultureInfo.InvariantCulture, $"the horizon is {options.Horizon}; allowed: 1 to {most} (five years of steps of a {step.ToString().ToLowerInvariant()})"));
        }

        if (options.Level is not (> 0 and < 1))
        {
            wrong.Add(string.Create(CultureInfo.InvariantCulture, $"the level of the intervals is {options.Level}; allowed: above 0 and below 1"));
        }

        if (options.Method is { } method && Methods.ForecastMethods.Listed(method) is null)
        {
            wrong.Add($"there is no method '{method}'; allowed: {string.Join(", ", Methods.ForecastMethods.Names)}");
        }

        foreach (var work in options.Planned)
        {
            if (work.Until <= work.From || work.Amount is not (>= 0 and < double.PositiveInfinity) || work.Probability is not (>= 0 and <= 1))
            {
                wrong.Add(string.Create(CultureInfo.InvariantCulture, $"planned work '{work.Name}': from {work.From:u} until {work.Until:u}, {work.Amount} with probability {work.Probability}; allowed: an end after the start, an amount from 0, a probability from 0 to 1"));
            }
        }

        foreach (var each in options.Calendar)
        {
            if (each.Until <= each.From || each.Factor is not (>= 0 and <= 100))
            {
                wrong.Add(string.Create(CultureInfo.InvariantCulture, $"calendar '{each.Name}': from {each.From:u} until {each.Until:u}, factor {each.Factor}; allowed: an end after the start, a factor from 0 to 100"));
            }
        }

        if (wrong.Count > 0)
        {
            throw new ForecastException(string.Join("; ", wrong));
        }
    }

    private static TimeSpan Overlap(DateTimeOffset from, DateTimeOffset until, long index, SeriesStep step)
    {
        var (start, end) = (SeriesCalendar.StartOf(index, step), SeriesCalendar.StartOf(index + 1, step));
        start = from > start ? from : start;
        end = until < end ? until : end;
        return end > start ? end - start : TimeSpan.Zero;
    }
}
