using Orchestrator.Core.Forecasting.Analysis;

namespace Orchestrator.Core.Forecasting.Methods;

/// <summary>
/// The additive family of exponential smoothing: level, trend (none, full, damped) and season (none, one), after Hyndman, Koehler, Ord and Snyder, "Forecasting with Exponential Smoothing",
/// 2008, in the form that corrects errors. Parameters minimise the squared errors one step ahead, by a search that always goes the same way.
/// </summary>
/// <param name="name">As users name it.</param>
/// <param name="hasTrend">A trend.</param>
/// <param name="isDamped">The trend ends by and by.</param>
/// <param name="hasSeason">The shortest season of the series.</param>
/// <param name="alpha">Fixed, or null: chosen.</param>
internal sealed class ExponentialSmoothing(string name, bool hasTrend = false, bool isDamped = false, bool hasSeason = false, double? alpha = null) : IForecastMethod
{
    /// <summary>Parameters are chosen over so many of the newest values.</summary>
    private const int FitMax = 1500;

    private static readonly double[] Alphas = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9];
    private static readonly double[] Betas = [0.005, 0.02, 0.05, 0.1, 0.2, 0.4];
    private static readonly double[] Gammas = [0.02, 0.05, 0.1, 0.2, 0.4];
    private static readonly double[] Phis = [0.8, 0.9, 0.95, 0.98];

    public string Name => name;

    public int HistoryMin(SeriesShape shape) => hasSeason ? shape.Season == 1 ? int.MaxValue : 2 * shape.Season : hasTrend ? 4 : 1;

    public IFittedMethod Fit(ReadOnlySpan<double> history, SeriesShape shape) => Fit(history, shape, out _);

    /// <summary>The same, with the weight of the newest value that was chosen.</summary>
    internal IFittedMethod Fit(ReadOnlySpan<double> history, SeriesShape shape, out double weight)
    {
        var best = Choose(history, shape);
        weight = best.Alpha;
        return new Fitted(best, hasSeason ? shape.Season : 1);
    }

    private Parameters Choose(ReadOnlySpan<double> history, SeriesShape shape)
    {
        var season = hasSeason ? shape.Season : 1;
        var best = new Parameters(alpha ?? 0.2, hasTrend ? 0.05 : 0, hasSeason ? 0.1 : 0, isDamped ? 0.9 : 1);
        var values = history.Length > FitMax ? history[^FitMax..] : history;
        if (alpha is not null && !hasTrend && !hasSeason)
        {
            return best;
        }

        Span<double> seasonal = stackalloc double[season <= 512 ? season : 0];
        seasonal = season <= 512 ? seasonal : new double[season];
        var error = Run(values, best, season, seasonal, out _, out _);
        for (var pass = 0; pass < 2; pass++)
        {
            foreach (var each in alpha is null ? Alphas : [])
            {
                Try(values, best with { Alpha = each }, season, seasonal, ref best, ref error);
            }

            foreach (var each in hasTrend ? Betas : [])
            {
                Try(values, best with { Beta = each }, season, seasonal, ref best, ref error);
            }

            foreach (var each in hasSeason ? Gammas : [])
            {
                Try(values, best with { Gamma = each }, season, seasonal, ref best, ref error);
            }

            foreach (var each in isDamped ? Phis : [])
            {
                Try(values, best with { Phi = each }, season, seasonal, ref best, ref error);
            }
        }

        return best;
    }

    private static void Try(ReadOnlySpan<double> values, Parameters parameters, int season, Span<double> seasonal, ref Parameters best, ref double error)
    {
        var each = Run(values, parameters, season, seasonal, out _, out _);
        if (each < error)
        {
            (best, error) = (parameters, each);
        }
    }

    /// <summary>Goes through the values; the sum of the squared errors after the first season.</summary>
    private static double Run(ReadOnlySpan<double> values, Parameters parameters, int season, Span<double> seasonal, out double level, out double trend)
    {
        var start = Math.Min(values.Length, season > 1 ? season : 6);
        level = Statistics.Mean(values[..start]);
        trend = 0;
        seasonal.Clear();
        if (season > 1)
        {
            for (var at = 0; at < Math.Min(season, values.Length); at++)
            {
                // Two seasons halve the noise of the first.
                var second = at + season < values.Length ? values[at + season] - Statistics.Mean(values[season..Math.Min(2 * season, values.Length)]) : values[at] - level;
                seasonal[at] = (values[at] - level + second) / 2;
            }
        }

        var (sum, place) = (0.0, 0);
        for (var at = 0; at < values.Length; at++)
        {
            var expected = level + (parameters.Phi * trend) + (season > 1 ? seasonal[place] : 0);
            var error = values[at] - expected;
            level += (parameters.Phi * trend) + (parameters.Alpha * error);
            trend = (parameters.Phi * trend) + (parameters.Beta * parameters.Alpha * error);
            if (season > 1)
            {
                seasonal[place] += parameters.Gamma * (1 - parameters.Alpha) * error;
                place = place + 1 == season ? 0 : place + 1;
            }

            sum += at >= start ? error * error : 0;
        }

        return sum;
    }

    private readonly record struct Parameters(double Alpha, double Beta, double Gamma, double Phi);

    private sealed class Fitted(Parameters parameters, int season) : IFittedMethod
    {
        private readonly double[] seasonal = new double[season];

        public void Forecast(ReadOnlySpan<double> history, Span<double> forecast)
        {
            var count = history.Length;
            history = season == 1 && (parameters.Phi < 1 || parameters.Beta == 0) ? history[^Math.Min(count, Memory())..] : history;
            Run(history, parameters, season, seasonal, out var level, out var trend);
            var (sum, damping) = (0.0, 1.0);
            for (var ahead = 0; ahead < forecast.Length; ahead++)
            {
                damping *= parameters.Phi;
                sum += ahead < count ? damping : 0;
                forecast[ahead] = level + (sum * trend) + (season > 1 ? seasonal[(history.Length + ahead) % season] : 0);
            }
        }

        /// <summary>What lies further back has less than a billionth of the weight.</summary>
        private int Memory() => (int)Math.Ceiling((parameters.Beta == 0 ? 21 : 80) / parameters.Alpha);
    }
}
