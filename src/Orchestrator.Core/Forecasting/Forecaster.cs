using System.Collections.Immutable;
using System.Globalization;
using MathNet.Numerics.Distributions;
using Orchestrator.Core.Forecasting.Analysis;
using Orchestrator.Core.Forecasting.Backtests;
using Orchestrator.Core.Forecasting.Methods;
using Orchestrator.Core.Forecasting.Planned;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Core.Forecasting;

/// <summary>
/// Carries a series on. Months are compared by use per day, since they differ in length. The same series and options give the same answer; with too little history the answer says so and is wide.
/// </summary>
public static class Forecaster
{
    private const int OriginsMax = 60;

    /// <summary>With fewer values there is nothing to learn how errors grow.</summary>
    private const int LearnsFrom = 8;

    /// <exception cref="ForecastException">The options are out of their range, or the series has no value.</exception>
    public static SeriesForecast Forecast(TimeSeries series, ForecastOptions options)
    {
        ArgumentNullException.ThrowIfNull(series);
        ArgumentNullException.ThrowIfNull(options);
        PlannedSteps.Check(options, series.Step);
        if (series.Values.IsDefaultOrEmpty)
        {
            throw new ForecastException("there is no measurement", series.Name);
        }

        var rates = Rates(series, options.Calendar);
        var isNonNegative = Statistics.Min(series.Values.AsSpan()) >= 0;
        var plain = rates.Length < LearnsFrom || Statistics.Max(rates) - Statistics.Min(rates) <= 0
            ? Short(rates, series.Step, options, isNonNegative)
            : Learned(rates, series.Step, options, isNonNegative);
        return Dress(series, options, plain, isNonNegative);
    }

    /// <summary>Use in steps of equal length on days like all others.</summary>
    private static double[] Rates(TimeSeries series, ImmutableArray<CalendarFactor> calendar)
    {
        var rates = new double[series.Values.Length];
        for (var at = 0; at < rates.Length; at++)
        {
            var factor = calendar.IsEmpty ? 1 : PlannedSteps.Factor(calendar, series.First + at, series.Step);

            // What little came in a closed time says nothing about the others.
            rates[at] = factor < 0.2 ? (at == 0 ? series.Values[at] : rates[at - 1]) : series.Values[at] / SeriesCalendar.Weight(series.First + at, series.Step) / factor;
        }

        return rates;
    }

    private static Plain Short(double[] rates, SeriesStep step, ForecastOptions options, bool isNonNegative)
    {
        var values = new double[options.Horizon];
        var asked = options.Method is { } name ? ForecastMethods.Named(name, step) : null;
        var shape = SeriesShape.Of(step, rates.Length);
        var usable = asked is not null && asked.HistoryMin(shape) <= rates.Length;
        var method = usable ? asked! : new WindowMean("mean", 0);
        method.Fit(rates, shape).Forecast(rates, values);
        if (Statistics.Max(rates) <= Statistics.Min(rates) && rates.Length >= LearnsFrom)
        {
            var same = rates[0] == 0 ? "all values are 0: so is the forecast" : "all values are the same: so is the forecast";
            return new Plain(method.Name, "it never changed", values, static (_, value) => (value, value), static (_, value) => (value, value), [same]);
        }

        // A mean of n values is itself uncertain: half = t s sqrt(1 + 1/n).
        var half = rates.Length < 2 ? Math.Abs(rates[0]) : StudentT.InvCDF(0, 1, rates.Length - 1, (1 + options.Level) / 2) * Statistics.Deviation(rates) * Math.Sqrt(1 + (1.0 / rates.Length));
        half = half > 0 ? half : Math.Abs(rates[0]);
        var note = string.Create(CultureInfo.InvariantCulture, $"{rates.Length} value{(rates.Length == 1 ? "" : "s")} {(rates.Length == 1 ? "is" : "are")} too few to see a trend or a season{(half > 0 ? $": the {method.Name} with a wide interval" : ", and all of them are 0: so is the forecast, and nothing says how far off it may be")}; from {LearnsFrom} on more is learned");
        return new Plain(
            method.Name, usable ? "asked for" : "too few values for any other", values,
            (_, value) => (isNonNegative ? Math.Max(0, value - half) : value - half, value + half),
            (horizon, value) => (isNonNegative ? Math.Max(0, value - (half * horizon)) : value - (half * horizon), value + (half * horizon)),
            usable || asked is null ? [note] : [note, $"{asked.Name} needs more values than there are"]);
    }

    private static Plain Learned(double[] rates, SeriesStep step, ForecastOptions options, bool isNonNegative)
    {
        var (first, leads) = MethodChoice.Range(rates.Length, step, options.Horizon);
        var notes = new List<string>();
        IForecastMethod method;
        string reason;
        if (options.Method is { } name)
        {
            (method, reason) = (ForecastMethods.Named(name, step), "asked for");
            if (MethodChoice.Range(rates.Length, step, options.Horizon, method) is { } range)
            {
                (first, leads) = range;
            }
            else
            {
                notes.Add(string.Create(CultureInfo.InvariantCulture, $"{method.Name} needs more than {rates.Length} values, or a season that they do not show: a combination instead"));
                (method, reason) = (ForecastMethods.Named(ForecastMethods.Default, step), "what was asked for needs more values");
            }
        }
        else
        {
            (method, reason) = MethodChoice.Choose(rates, step, options.Horizon, isNonNegative);
        }

        if (options.Horizon > rates.Length)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"the horizon of {options.Horizon} steps is longer than the history of {rates.Length}: trends are not carried further than that, and intervals beyond {leads} steps are extrapolated"));
        }

        // The errors are those of the very method that forecasts: with the same seasons.
        var shape = SeriesShape.Of(step, first);
        var table = ErrorTable.Of(method, rates, shape, ErrorTable.Spread(first, rates.Length - leads, OriginsMax), leads, isNonNegative);
        var values = new double[options.Horizon];
        method.Fit(rates, shape).Forecast(rates, values);
        for (var at = 0; isNonNegative && at < values.Length; at++)
        {
            values[at] = Math.Max(0, values[at]);
        }

        var intervals = new ConformalIntervals(table, ErrorTable.Scale(rates), options.Level, isNonNegative);
        return new Plain(method.Name, reason, values, intervals.Of, intervals.OfTotal, [.. notes]);
    }

    /// <summary>Back to months as they are, with what is known in advance.</summary>
    private static SeriesForecast Dress(TimeSeries series, ForecastOptions options, Plain plain, bool isNonNegative)
    {
        var points = ImmutableArray.CreateBuilder<ForecastPoint>(options.Horizon);
        double total = 0, usual = 0;
        var shift = 0.0;
        for (var ahead = 0; ahead < options.Horizon; ahead++)
        {
            var index = series.Next + ahead;
            var factor = SeriesCalendar.Weight(index, series.Step) * (options.Calendar.IsEmpty ? 1 : PlannedSteps.Factor(options.Calendar, index, series.Step));
            var (lower, upper) = plain.Interval(ahead, plain.Values[ahead]);
            var value = factor * plain.Values[ahead];
            var (floor, extra) = PlannedSteps.Of(options.Planned, index, series.Step);
            var more = extra + Math.Max(0, floor - value);
            points.Add(new ForecastPoint(SeriesCalendar.StartOf(index, series.Step), value + more, (factor * lower) + extra, Math.Max((factor * upper) + extra, value + more)));
            total += value;
            usual += plain.Values[ahead];
            shift += more;
        }

        var (from, to) = plain.TotalInterval(options.Horizon, usual);
        var part = usual == 0 ? 1 : total / usual;
        var sums = new ForecastRange(total + shift, Math.Min(total, from * part) + shift, Math.Max(total, to * part) + shift);
        var notes = series.Notes.AddRange(plain.Notes);
        return new SeriesForecast
        {
            Name = series.Name,
            Step = series.Step,
            Method = plain.Method,
            Reason = plain.Reason,
            Level = options.Level,
            History = series.Values.Length,
            Points = points.MoveToImmutable(),
            Total = isNonNegative ? sums with { Lower = Math.Max(0, sums.Lower) } : sums,
            Notes = notes,
        };
    }

    private sealed record Plain(
        string Method, string Reason, double[] Values, Func<int, double, (double Lower, double Upper)> Interval, Func<int, double, (double Lower, double Upper)> TotalInterval, ImmutableArray<string> Notes);
}
