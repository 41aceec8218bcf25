using Orchestrator.Core.Forecasting.Analysis;

namespace Orchestrator.Core.Forecasting.Methods;

/// <summary>
/// Takes every season out that is really there, lets another method carry on what is left, and puts the seasons back. A season is the mean deviation of each of its places from the moving level,
/// shrunk towards none by what chance alone would give (analysis of variance); several seasons are taken out one after the other, the shortest first.
/// </summary>
internal sealed class Seasonal(string name, IForecastMethod inner) : IForecastMethod
{
    public string Name => name;

    public int HistoryMin(SeriesShape shape) => inner.HistoryMin(shape);

    public IFittedMethod Fit(ReadOnlySpan<double> history, SeriesShape shape)
    {
        var rest = history.ToArray();
        foreach (var season in shape.Seasons)
        {
            Remove(rest, season);
        }

        return new Fitted(inner.Fit(rest, shape), shape);
    }

    /// <summary>Takes the season out; how it goes on from place 0 of the values, or null: there is none.</summary>
    internal static double[]? Remove(Span<double> values, int season)
    {
        var cycles = values.Length / season;
        if (cycles < 2)
        {
            return null;
        }

        var level = Levels(values, season);
        var sums = new double[season];
        var counts = new int[season];
        var squares = 0.0;
        for (var at = 0; at < values.Length; at++)
        {
            var deviation = values[at] - level[at];
            sums[at % season] += deviation;
            counts[at % season]++;
            squares += deviation * deviation;
        }

        var between = 0.0;
        for (var place = 0; place < season; place++)
        {
            between += sums[place] * sums[place] / counts[place];
        }

        var within = Math.Max(0, squares - between) / Math.Max(1, values.Length - season);
        var ratio = within <= 0 ? double.PositiveInfinity : between / (season - 1) / within;

        // James and Stein: what the places differ by more than by chance is believed, the rest is not.
        var believed = squares <= 0 ? 0 : Math.Max(0, 1 - (1 / ratio));
        if (believed < 0.5)
        {
            return null;
        }

        var profile = new double[season];
        var mean = 0.0;
        for (var place = 0; place < season; place++)
        {
            profile[place] = believed * sums[place] / counts[place];
            mean += profile[place] / season;
        }

        for (var place = 0; place < season; place++)
        {
            profile[place] -= mean;
        }

        for (var at = 0; at < values.Length; at++)
        {
            values[at] -= profile[at % season];
        }

        return profile;
    }

    /// <summary>The mean over one season around each place; at the ends of the nearest whole one.</summary>
    private static double[] Levels(ReadOnlySpan<double> values, int season)
    {
        var levels = new double[values.Length];
        var sum = Statistics.Sum(values[..season]);
        var half = season / 2;
        for (var from = 0; from + season <= values.Length; from++)
        {
            levels[from + half] = sum / season;
            sum += from + season < values.Length ? values[from + season] - values[from] : 0;
        }

        levels.AsSpan(0, half).Fill(levels[half]);
        var last = values.Length - season + half;
        levels.AsSpan(last + 1).Fill(levels[last]);
        return levels;
    }

    private sealed class Fitted(IFittedMethod inner, SeriesShape shape) : IFittedMethod
    {
        public void Forecast(ReadOnlySpan<double> history, Span<double> forecast)
        {
            var rest = history.ToArray();
            var profiles = new double[]?[shape.Seasons.Length];
            for (var each = 0; each < shape.Seasons.Length; each++)
            {
                profiles[each] = Remove(rest, shape.Seasons[each]);
            }

            inner.Forecast(rest, forecast);
            foreach (var profile in profiles)
            {
                for (var ahead = 0; profile is not null && ahead < forecast.Length; ahead++)
                {
                    forecast[ahead] += profile[(history.Length + ahead) % profile.Length];
                }
            }
        }
    }
}
