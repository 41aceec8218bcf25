using System.Collections.Immutable;
using Orchestrator.Core.Forecasting.Methods;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Core.Forecasting.Analysis;

/// <summary>What a series shows without looking ahead.</summary>
public static class UsageAnalysis
{
    /// <summary>Mean, median, extremes and percentiles.</summary>
    public static SeriesStatistics Describe(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty)
        {
            return new SeriesStatistics();
        }

        var sorted = values.ToArray();
        Array.Sort(sorted);
        return new SeriesStatistics
        {
            Count = sorted.Length,
            Mean = Statistics.Mean(sorted),
            Median = Statistics.Quantile(sorted, 0.5),
            Min = sorted[0],
            Max = sorted[^1],
            Deviation = Statistics.Deviation(sorted),
            P90 = Statistics.Quantile(sorted, 0.9),
            P95 = Statistics.Quantile(sorted, 0.95),
            P99 = Statistics.Quantile(sorted, 0.99),
        };
    }

    /// <summary>
    /// Values that lie further from what is usual for their place in the season than <paramref name="sigmas"/> standard deviations. What is usual is the median, and the deviation is taken from the median
    /// absolute one, so that anomalies do not hide each other (Iglewicz and Hoaglin, "How to detect and handle outliers", 1993); where more than half are alike, the standard deviation counts.
    /// </summary>
    /// <param name="series">Ten values at least; fewer have no anomaly.</param>
    /// <param name="sigmas">Above 0.</param>
    /// <param name="window">Only so long before the end; null: all.</param>
    public static ImmutableArray<Anomaly> Anomalies(TimeSeries series, double sigmas = 3, TimeSpan? window = null)
    {
        ArgumentNullException.ThrowIfNull(series);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sigmas);
        if (series.Values.Length < 10)
        {
            return [];
        }

        var rest = series.Values.ToArray();
        foreach (var season in SeriesShape.Of(series.Step, rest.Length).Seasons)
        {
            Seasonal.Remove(rest, season);
        }

        var middle = Statistics.Median(rest);
        var deviation = 1.4826 * Statistics.Median(Array.ConvertAll(rest, value => Math.Abs(value - middle)));
        if (deviation <= 1e-12 * Math.Max(1, Math.Abs(middle)))
        {
            (middle, deviation) = (Statistics.Mean(rest), Statistics.Deviation(rest));
        }

        if (deviation <= 0)
        {
            return [];
        }

        var from = window is { } span ? SeriesCalendar.StartOf(series.Next, series.Step) - span : DateTimeOffset.MinValue;
        var anomalies = ImmutableArray.CreateBuilder<Anomaly>();
        for (var at = 0; at < rest.Length; at++)
        {
            var score = (rest[at] - middle) / deviation;
            var time = SeriesCalendar.StartOf(series.First + at, series.Step);
            if (Math.Abs(score) > sigmas && time >= from)
            {
                anomalies.Add(new Anomaly(time, series.Values[at], score));
            }
        }

        return anomalies.ToImmutable();
    }

    /// <summary>Growth in percent of the mean for each day, by the least squares line; 0 for fewer than three values or a mean of 0.</summary>
    public static double GrowthPerDay(TimeSeries series)
    {
        ArgumentNullException.ThrowIfNull(series);
        var (slope, mean) = Statistics.Line(series.Values.AsSpan());
        return series.Values.Length < 3 || mean == 0 ? 0 : 100 * slope / mean / SeriesCalendar.Usual(series.Step).TotalDays;
    }

    /// <summary>How use goes on the whole.</summary>
    public static UsagePattern PatternOf(TimeSeries series)
    {
        ArgumentNullException.ThrowIfNull(series);
        var values = series.Values.AsSpan();
        var mean = Statistics.Mean(values);
        var deviation = Statistics.Deviation(values);
        if (values.Length < 3 || deviation <= 0.02 * Math.Abs(mean))
        {
            return UsagePattern.Constant;
        }

        var rest = values.ToArray();
        var isCyclical = false;
        foreach (var season in SeriesShape.Of(series.Step, rest.Length).Seasons)
        {
            var before = Statistics.Deviation(rest);
            Seasonal.Remove(rest, season);
            isCyclical |= Statistics.Deviation(rest) < 0.8 * before;
        }

        var (slope, _) = Statistics.Line(rest);
        var trend = slope * (rest.Length - 1);
        var spread = Statistics.Deviation(rest);
        if (Math.Abs(trend) > 2 * spread && Math.Abs(trend) > 0.1 * Math.Abs(mean))
        {
            return trend > 0 ? UsagePattern.Increasing : UsagePattern.Decreasing;
        }

        if (isCyclical)
        {
            return UsagePattern.Cyclical;
        }

        var zeros = 0;
        var peaks = 0;
        double together = 0, squares = 0;
        for (var at = 0; at < values.Length; at++)
        {
            zeros += values[at] == 0 ? 1 : 0;
            peaks += values[at] > mean + (3 * deviation) ? 1 : 0;
            squares += (values[at] - mean) * (values[at] - mean);
            together += at > 0 ? (values[at] - mean) * (values[at - 1] - mean) : 0;
        }

        return zeros > 0.4 * values.Length ? UsagePattern.Burst
            : peaks > 0 && peaks < 0.1 * values.Length && Statistics.Max(values) > 3 * Math.Abs(mean) ? UsagePattern.Spiky
            : together > 0.6 * squares ? UsagePattern.Wave
            : UsagePattern.Random;
    }

    /// <summary>Resources of which nearly all was used for a while: the 95th percentile of the newest values is above <paramref name="part"/> of the capacity.</summary>
    /// <param name="used">By resource.</param>
    /// <param name="capacity">For a step, by resource; resources without one are left out.</param>
    /// <param name="part">0.8 by default.</param>
    /// <param name="newest">So long before the end; six hours by default.</param>
    public static ImmutableSortedDictionary<string, double> Bottlenecks(IReadOnlyDictionary<string, TimeSeries> used, IReadOnlyDictionary<string, double> capacity, double part = 0.8, TimeSpan? newest = null)
    {
        ArgumentNullException.ThrowIfNull(used);
        ArgumentNullException.ThrowIfNull(capacity);
        var found = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (var (resource, series) in used)
        {
            if (!capacity.TryGetValue(resource, out var most) || most <= 0 || series.Values.IsEmpty)
            {
                continue;
            }

            var count = Math.Clamp((int)Math.Ceiling((newest ?? TimeSpan.FromHours(6)) / SeriesCalendar.Usual(series.Step)), 1, series.Values.Length);
            var late = series.Values.AsSpan()[^count..].ToArray();
            Array.Sort(late);
            var rate = Statistics.Quantile(late, 0.95) / most;
            if (rate > part)
            {
                found[resource] = rate;
            }
        }

        return found.ToImmutable();
    }

    /// <summary>
    /// What the calendar says of a moment, ten numbers: hour, day of the month, month, day of the week from Monday = 0, sine and cosine of the hour, sine and cosine of the weekday, 1 at weekends, and the
    /// quarter of the day from 0.
    /// </summary>
    public static ImmutableArray<double> Features(DateTimeOffset moment)
    {
        var utc = moment.UtcDateTime;
        var weekday = ((int)utc.DayOfWeek + 6) % 7;
        var (hour, day) = (2 * Math.PI * utc.Hour / 24, 2 * Math.PI * weekday / 7);
        return [utc.Hour, utc.Day, utc.Month, weekday, Math.Sin(hour), Math.Cos(hour), Math.Sin(day), Math.Cos(day), weekday >= 5 ? 1 : 0, utc.Hour / 6];
    }

    /// <summary>How forecasts came true.</summary>
    /// <param name="forecast">As it was made.</param>
    /// <param name="actual">What came at its first steps.</param>
    public static ForecastAccuracy Accuracy(SeriesForecast forecast, ReadOnlySpan<double> actual)
    {
        ArgumentNullException.ThrowIfNull(forecast);
        var count = Math.Min(actual.Length, forecast.Points.Length);
        double absolute = 0, squares = 0, percent = 0, within = 0;
        var compared = 0;
        for (var at = 0; at < count; at++)
        {
            var error = forecast.Points[at].Value - actual[at];
            absolute += Math.Abs(error);
            squares += error * error;
            within += actual[at] >= forecast.Points[at].Lower && actual[at] <= forecast.Points[at].Upper ? 1 : 0;
            if (actual[at] != 0)
            {
                compared++;
                percent += error / actual[at];
            }
        }

        return count == 0 ? new ForecastAccuracy() : new ForecastAccuracy
        {
            Count = count,
            MeanAbsoluteError = absolute / count,
            MeanPercentageError = compared == 0 ? null : 100 * percent / compared,
            RootMeanSquareError = Math.Sqrt(squares / count),
            Coverage = within / count,
        };
    }
}
