using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Forecasting.Analysis;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Core.Forecasting.Backtests;

/// <summary>Forecasts as they would have been made at moments of the past, each with what lay before it and nothing else, the choice of the method too.</summary>
public static class Backtest
{
    /// <param name="series">What came.</param>
    /// <param name="options">As for a forecast.</param>
    /// <param name="originsMax">So many moments at most, evenly spread; 0: every step of months, 12 of all others.</param>
    /// <param name="historyMin">So many values lie before the first origin; 0: a year of months, half a year of weeks, 8 weeks of days, 2 weeks of hours.</param>
    public static SeriesBacktest Of(TimeSeries series, ForecastOptions options, int originsMax = 0, int historyMin = 0)
    {
        ArgumentNullException.ThrowIfNull(series);
        ArgumentNullException.ThrowIfNull(options);
        Planned.PlannedSteps.Check(options, series.Step);
        var first = historyMin > 0 ? historyMin : Least(series.Step);
        var last = series.Values.Length - options.Horizon;
        if (last < first)
        {
            return new SeriesBacktest
            {
                Name = series.Name,
                Notes = series.Notes.Add(string.Create(CultureInfo.InvariantCulture, $"{series.Values.Length} values are too few to look back: {first} to learn from and {options.Horizon} to compare with are needed")),
            };
        }

        var tally = new Tally(options.Horizon);
        foreach (var origin in ErrorTable.Spread(first, last, originsMax > 0 ? originsMax : series.Step == SeriesStep.Month ? 240 : 12))
        {
            var past = series.Until(origin);
            tally.Add(Forecaster.Forecast(past, options), series.Values.AsSpan().Slice(origin, options.Horizon), past, series.Unknown);
        }

        return tally.Result(series);
    }

    private static int Least(SeriesStep step) => step switch
    {
        SeriesStep.Month => 12,
        SeriesStep.Week => 26,
        SeriesStep.Day => 56,
        SeriesStep.Hour => 336,
        _ => 1440,
    };

    private sealed class Tally(int horizon)
    {
        private readonly SortedDictionary<string, int> methods = new(StringComparer.Ordinal);
        private readonly SortedDictionary<string, double> baselines = new(StringComparer.Ordinal);
        private string method = "";
        private int origins, steps, used, compared, within, totalsWithin;
        private double percent, totals, bias, absolute, squares;

        /// <param name="forecast">As it would have been made.</param>
        /// <param name="came">What came then.</param>
        /// <param name="past">What it was made of.</param>
        /// <param name="unknown">Places in the whole series that nobody knows: nothing is compared with them by step.</param>
        public void Add(SeriesForecast forecast, ReadOnlySpan<double> came, TimeSeries past, ImmutableArray<int> unknown)
        {
            origins++;
            method = forecast.Method;
            methods[method] = methods.GetValueOrDefault(method) + 1;
            for (var at = 0; at < horizon; at++)
            {
                if (unknown.BinarySearch(past.Values.Length + at) >= 0)
                {
                    continue;
                }

                steps++;
                var point = forecast.Points[at];
                var error = point.Value - came[at];
                absolute += Math.Abs(error);
                squares += error * error;
                within += Holds(came[at], point.Lower, point.Upper) ? 1 : 0;
                if (came[at] != 0 && double.IsFinite(error / came[at]))
                {
                    compared++;
                    percent += Math.Abs(error / came[at]);
                }
            }

            var total = Statistics.Sum(came);
            totalsWithin += Holds(total, forecast.Total.Lower, forecast.Total.Upper) ? 1 : 0;
            var missed = (forecast.Total.Value - total) / Math.Abs(total);
            if (total == 0 || !double.IsFinite(missed))
            {
                return;
            }

            used++;
            totals += Math.Abs(missed);
            bias += missed;
            foreach (var (name, value) in Plain(past))
            {
                baselines[name] = baselines.GetValueOrDefault(name) + Math.Abs((value - total) / total);
            }
        }

        public SeriesBacktest Result(TimeSeries series) => new()
        {
            Name = series.Name,
            Method = method,
            Methods = methods.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Origins = origins,
            Mape = compared == 0 ? null : percent / compared,
            TotalError = used == 0 ? null : totals / used,
            TotalBias = used == 0 ? null : bias / used,
            Mae = absolute / Math.Max(1, steps),
            Rmse = Math.Sqrt(squares / Math.Max(1, steps)),
            Coverage = within / (double)Math.Max(1, steps),
            TotalCoverage = totalsWithin / (double)origins,
            Baselines = baselines.ToImmutableSortedDictionary(static each => each.Key, each => each.Value / used, StringComparer.Ordinal),
            Notes = series.Notes,
        };

        /// <summary>Numbers are written with few digits somewhere: what lies on a bound lies within.</summary>
        private static bool Holds(double value, double lower, double upper)
        {
            var slack = 1e-9 * Math.Max(1, Math.Abs(value));
            return value >= lower - slack && value <= upper + slack;
        }

        /// <summary>Totals of what anybody would say.</summary>
        private List<(string Name, double Total)> Plain(TimeSeries past)
        {
            var values = past.Values.AsSpan();
            var season = SeriesCalendar.Seasons(past.Step)[0];
            var totals = new List<(string Name, double Total)>
            {
                ("last-value", values[^1] * horizon),
                (string.Create(CultureInfo.InvariantCulture, $"mean-{season}"), Statistics.Mean(values[^Math.Min(season, values.Length)..]) * horizon),
            };
            if (values.Length >= season)
            {
                var sum = 0.0;
                for (var ahead = 0; ahead < horizon; ahead++)
                {
                    sum += values[values.Length - season + (ahead % season)];
                }

                totals.Add(("seasonal-naive", sum));
            }

            return totals;
        }
    }
}
