using Orchestrator.Core.Forecasting.Analysis;

namespace Orchestrator.Core.Forecasting.Methods;

/// <summary>A method without parameters.</summary>
internal abstract class PlainMethod(string name, int historyMin) : IForecastMethod, IFittedMethod
{
    public string Name => name;

    public virtual int HistoryMin(SeriesShape shape) => historyMin;

    public virtual IFittedMethod Fit(ReadOnlySpan<double> history, SeriesShape shape) => this;

    public abstract void Forecast(ReadOnlySpan<double> history, Span<double> forecast);
}

/// <summary>It stays as it is.</summary>
internal sealed class LastValue() : PlainMethod("naive", 1)
{
    public override void Forecast(ReadOnlySpan<double> history, Span<double> forecast) => forecast.Fill(history[^1]);
}

/// <summary>The mean of the last values.</summary>
/// <param name="name">As users name it.</param>
/// <param name="length">So many; 0: all.</param>
internal sealed class WindowMean(string name, int length) : PlainMethod(name, 1)
{
    public override void Forecast(ReadOnlySpan<double> history, Span<double> forecast) =>
        forecast.Fill(Statistics.Mean(length == 0 || length >= history.Length ? history : history[^length..]));
}

/// <summary>On from the last value as it went from the first to the last one. It is damped: half of the slope, and never further than there is history.</summary>
internal sealed class Drift() : PlainMethod("drift", 2)
{
    private const double Part = 0.5;

    public override void Forecast(ReadOnlySpan<double> history, Span<double> forecast)
    {
        var slope = Part * (history[^1] - history[0]) / (history.Length - 1);
        for (var ahead = 1; ahead <= forecast.Length; ahead++)
        {
            forecast[ahead - 1] = history[^1] + (slope * Math.Min(ahead, history.Length));
        }
    }
}

/// <summary>The least squares line. A line is not believed further ahead than it was seen: from there on it stays level.</summary>
internal sealed class LinearTrend() : PlainMethod("linear", 3)
{
    public override void Forecast(ReadOnlySpan<double> history, Span<double> forecast)
    {
        var (slope, mean) = Statistics.Line(history);
        var last = mean + (slope * (history.Length - 1) / 2.0);
        for (var ahead = 1; ahead <= forecast.Length; ahead++)
        {
            forecast[ahead - 1] = last + (slope * Math.Min(ahead, history.Length));
        }
    }
}
