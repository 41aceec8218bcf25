namespace Orchestrator.Core.Forecasting.Methods;

/// <summary>As it was one season ago.</summary>
internal sealed class SeasonalNaive : IForecastMethod
{
    public string Name => "seasonal-naive";

    public int HistoryMin(SeriesShape shape) => shape.Season == 1 ? int.MaxValue : shape.Season;

    public IFittedMethod Fit(ReadOnlySpan<double> history, SeriesShape shape) => new Fitted(shape.Season);

    private sealed class Fitted(int season) : IFittedMethod
    {
        public void Forecast(ReadOnlySpan<double> history, Span<double> forecast)
        {
            for (var ahead = 0; ahead < forecast.Length; ahead++)
            {
                forecast[ahead] = history[history.Length - season + (ahead % season)];
            }
        }
    }
}
