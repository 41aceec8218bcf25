using Orchestrator.Core.Forecasting.Analysis;

namespace Orchestrator.Core.Forecasting.Methods;

/// <summary>
/// Simple exponential smoothing with half the slope of the line through all values: what the Theta method of Assimakopoulos and Nikolopoulos (2000) comes to, as Hyndman and Billah, "Unmasking
/// the Theta method" (2003), showed.
/// </summary>
/// <param name="name">As users name it.</param>
/// <param name="alpha">Fixed, or null: chosen.</param>
internal sealed class Theta(string name, double? alpha = null) : IForecastMethod
{
    private readonly ExponentialSmoothing smoothing = new("", alpha: alpha);

    public string Name => name;

    public int HistoryMin(SeriesShape shape) => 4;

    public IFittedMethod Fit(ReadOnlySpan<double> history, SeriesShape shape)
    {
        var level = smoothing.Fit(history, shape, out var weight);
        return new Fitted(level, weight);
    }

    private sealed class Fitted(IFittedMethod level, double weight) : IFittedMethod
    {
        public void Forecast(ReadOnlySpan<double> history, Span<double> forecast)
        {
            level.Forecast(history, forecast);
            var slope = Statistics.Line(history).Slope / 2;

            // A smoothed level lies behind a line by so many steps (Hyndman and Billah, equation 6).
            var behind = (1 - Math.Pow(1 - weight, history.Length)) / weight;
            for (var ahead = 0; ahead < forecast.Length; ahead++)
            {
                forecast[ahead] += slope * (Math.Min(ahead, history.Length) + behind);
            }
        }
    }
}
