using System.Globalization;
using Orchestrator.Core.Forecasting.Methods;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Core.Forecasting.Backtests;

/// <summary>
/// Chooses the method of a series by what each would have said in the past. The combination stays unless another one is clearly better: by a tenth on the whole, and at two of three origins over at
/// least three horizons; with less, the best of many looks good by chance.
/// </summary>
internal static class MethodChoice
{
    private const int OriginsMax = 20;
    private const double Better = 0.9;
    private const double WinsMin = 2 / 3.0;
    private const double HorizonsMin = 3;

    /// <summary>The share of zeros from which use comes now and then.</summary>
    private const double ZerosMin = 0.4;

    public static (IForecastMethod Method, string Reason) Choose(ReadOnlySpan<double> values, SeriesStep step, int horizon, bool isNonNegative)
    {
        var zeros = values.Count(0.0);
        var isIntermittent = zeros >= ZerosMin * values.Length;
        var usual = ForecastMethods.Named(isIntermittent ? ForecastMethods.DefaultIntermittent : ForecastMethods.Default, step);
        var (first, leads) = Range(values.Length, step, horizon);
        var last = values.Length - leads;
        if ((last - first) / (double)leads < HorizonsMin - 1)
        {
            return (usual, string.Create(CultureInfo.InvariantCulture, $"{values.Length} values are too few to tell methods apart: a combination of several"));
        }

        var origins = ErrorTable.Spread(first, last, OriginsMax);
        var shape = SeriesShape.Of(step, first);
        var yardstick = ErrorTable.Of(usual, values, shape, origins, leads, isNonNegative);
        var best = usual;
        var least = Sum(yardstick) * Better;
        var compared = 1;
        foreach (var name in ForecastMethods.Rivals(isIntermittent))
        {
            var rival = ForecastMethods.Named(name, step);
            if (rival.HistoryMin(shape) > first)
            {
                continue;
            }

            compared++;
            var table = ErrorTable.Of(rival, values, shape, origins, leads, isNonNegative);
            var sum = Sum(table);
            if (sum < least && Wins(table, yardstick) >= WinsMin * origins.Length)
            {
                (best, least) = (rival, sum);
            }
        }

        var reason = ReferenceEquals(best, usual)
            ? string.Create(CultureInfo.InvariantCulture, $"none of {compared - 1} other methods was clearly better at {origins.Length} moments of the past")
            : string.Create(CultureInfo.InvariantCulture, $"best of {compared} methods at {origins.Length} moments of the past: errors {1 - (least / Sum(yardstick)):0 %} smaller than those of a combination");
        return (best, reason);
    }

    /// <summary>
    /// The first origin, and how many steps ahead are looked at: half of the history is left to learn from (of months a year), and three horizons at least to judge by, where there are. A season that
    /// fits three times is learned from two of them.
    /// </summary>
    public static (int First, int Leads) Range(int count, SeriesStep step, int horizon)
    {
        var first = step == SeriesStep.Month ? Math.Min(12, count / 2) : count / 2;
        foreach (var season in SeriesCalendar.Seasons(step))
        {
            first = count >= 3 * season ? Math.Max(first, 2 * season) : first;
        }

        return (first, Leads(count, first, horizon));
    }

    /// <summary>The same for a method that somebody asked for: what it needs is left to it as long as one value is there to judge by. Null: it needs more.</summary>
    public static (int First, int Leads)? Range(int count, SeriesStep step, int horizon, IForecastMethod method)
    {
        for (var (first, _) = Range(count, step, horizon); first < count; first++)
        {
            if (method.HistoryMin(SeriesShape.Of(step, first)) <= first)
            {
                return (first, Leads(count, first, horizon));
            }
        }

        return null;
    }

    private static int Leads(int count, int first, int horizon) => Math.Clamp(Math.Min(horizon, (count - first) / 3), 1, Math.Max(1, count - first));

    private static double Sum(ErrorTable table)
    {
        var sum = 0.0;
        for (var origin = 0; origin < table.Origins.Length; origin++)
        {
            sum += table.Loss(origin);
        }

        return sum;
    }

    private static int Wins(ErrorTable table, ErrorTable other)
    {
        var wins = 0;
        for (var origin = 0; origin < table.Origins.Length; origin++)
        {
            wins += table.Loss(origin) < other.Loss(origin) ? 1 : 0;
        }

        return wins;
    }
}
