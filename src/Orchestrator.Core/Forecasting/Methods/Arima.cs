using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearRegression;
using Orchestrator.Core.Forecasting.Analysis;

namespace Orchestrator.Core.Forecasting.Methods;

/// <summary>
/// ARIMA(p, d, q) with p up to 3, d and q up to 1, by the two regressions of Hannan and Rissanen, "Recursive estimation of mixed autoregressive-moving average order" (1982); the order by the
/// corrected criterion of Akaike. Differences are taken where they make the series much calmer. An explosive fit is never taken.
/// </summary>
internal sealed class Arima : IForecastMethod
{
    private const int FitMax = 600;
    private const int LongOrder = 6;
    private const int OrderMax = 3;
    private const int Memory = 200;

    public string Name => "arima";

    public int HistoryMin(SeriesShape shape) => 24;

    public IFittedMethod Fit(ReadOnlySpan<double> history, SeriesShape shape)
    {
        var values = (history.Length > FitMax ? history[^FitMax..] : history).ToArray();
        var differences = Differences(values);
        var isDifferenced = Statistics.Deviation(differences) < 0.6 * Statistics.Deviation(values);
        var series = isDifferenced ? differences : values;
        var mean = Statistics.Mean(series);

        // A drift is believed when it is twice as large as it would be by chance.
        mean = isDifferenced && Math.Abs(mean) < 2 * Statistics.Deviation(series) / Math.Sqrt(series.Length) ? 0 : mean;
        var centred = Array.ConvertAll(series, value => value - mean);
        var best = new Fitted([], 0, isDifferenced, mean);
        if (Statistics.Deviation(centred) == 0)
        {
            return best;
        }

        var innovations = Innovations(centred);
        var least = Criterion(centred, best, 0);
        for (var p = 0; p <= OrderMax; p++)
        {
            for (var q = 0; q <= 1; q++)
            {
                if (p + q > 0 && Regress(centred, innovations, p, q) is { } weights)
                {
                    var fit = new Fitted(weights[..p], q == 1 ? weights[p] : 0, isDifferenced, mean);
                    var each = Criterion(centred, fit, p + q);
                    if (each < least)
                    {
                        (best, least) = (fit, each);
                    }
                }
            }
        }

        return best;
    }

    private static double[] Differences(ReadOnlySpan<double> values)
    {
        var differences = new double[values.Length - 1];
        for (var at = 1; at < values.Length; at++)
        {
            differences[at - 1] = values[at] - values[at - 1];
        }

        return differences;
    }

    /// <summary>Errors of a long autoregression stand for the innovations, which nobody sees.</summary>
    private static double[] Innovations(double[] values)
    {
        var innovations = new double[values.Length];
        var order = Math.Min(LongOrder, values.Length / 4);
        if (Regress(values, innovations, order, 0) is not { } weights)
        {
            return [.. values];
        }

        for (var at = order; at < values.Length; at++)
        {
            innovations[at] = values[at];
            for (var lag = 1; lag <= order; lag++)
            {
                innovations[at] -= weights[lag - 1] * values[at - lag];
            }
        }

        return innovations;
    }

    /// <summary>Weights of the last values and of the last innovation; null: there is no answer, or it explodes.</summary>
    private static double[]? Regress(double[] values, double[] innovations, int p, int q)
    {
        var skip = Math.Max(p, q) + (q > 0 ? LongOrder : 0);
        var rows = values.Length - skip;
        if (rows < 3 * (p + q))
        {
            return null;
        }

        var matrix = Matrix<double>.Build.Dense(rows, p + q, (row, column) => column < p ? values[skip + row - column - 1] : innovations[skip + row - 1]);
        var weights = MultipleRegression.QR(matrix, Vector<double>.Build.Dense(rows, row => values[skip + row])).ToArray();
        var sum = 0.0;
        for (var lag = 0; lag < p; lag++)
        {
            sum += Math.Abs(weights[lag]);
        }

        return weights.All(double.IsFinite) && sum < 1 && (q == 0 || Math.Abs(weights[p]) < 1) ? weights : null;
    }

    private static double Criterion(double[] values, Fitted fit, int parameters)
    {
        double squares = 0, error = 0;
        for (var at = 0; at < values.Length; at++)
        {
            error = values[at] - fit.Expect(values.AsSpan(0, at), error);
            squares += error * error;
        }

        var k = parameters + 2;
        return (values.Length * Math.Log(Math.Max(squares / values.Length, double.Epsilon))) + (2.0 * k * values.Length / Math.Max(1, values.Length - k - 1));
    }

    private sealed class Fitted(double[] weights, double moving, bool isDifferenced, double mean) : IFittedMethod
    {
        public double Expect(ReadOnlySpan<double> centred, double error)
        {
            var expected = moving * error;
            for (var lag = 1; lag <= Math.Min(weights.Length, centred.Length); lag++)
            {
                expected += weights[lag - 1] * centred[^lag];
            }

            return expected;
        }

        public void Forecast(ReadOnlySpan<double> history, Span<double> forecast)
        {
            // The moving average forgets: what came before has no weight any more.
            var late = history[^Math.Min(history.Length, Memory)..];
            var series = isDifferenced ? Differences(late) : late.ToArray();
            var all = new double[series.Length + forecast.Length];
            var error = 0.0;
            for (var at = 0; at < series.Length; at++)
            {
                all[at] = series[at] - mean;
                error = all[at] - Expect(all.AsSpan(0, at), error);
            }

            var level = history[^1];
            for (var ahead = 0; ahead < forecast.Length; ahead++)
            {
                var at = series.Length + ahead;
                all[at] = Expect(all.AsSpan(0, at), ahead == 0 ? error : 0);
                level += all[at] + (ahead < history.Length ? mean : 0);
                forecast[ahead] = isDifferenced ? level : mean + all[at];
            }
        }
    }
}
