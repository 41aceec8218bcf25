using System.Collections.Immutable;
using Orchestrator.Core.Forecasting.Analysis;

namespace Orchestrator.Core.Forecasting.Kept;

/// <summary>A forecast, and what came of the steps that are over.</summary>
public sealed record ForecastOutcome
{
    public KeptForecast Forecast { get; init; } = new();

    /// <summary>At least one step, at most as many as the forecast has.</summary>
    public ImmutableArray<double> Actual { get; init; } = [];

    public double TotalForecast => Forecast.Values[..Actual.Length].Sum();

    public double TotalActual => Actual.Sum();

    /// <summary>Of the total of what is over, above 0 where too much was forecast; null: nothing was used.</summary>
    public double? TotalErrorPercent => TotalActual == 0 ? null : 100 * (TotalForecast - TotalActual) / TotalActual;

    /// <summary>Over steps from one to before another, both counted from the first step that is forecast.</summary>
    public ForecastAccuracy Accuracy(int from = 0, int until = int.MaxValue)
    {
        var last = Math.Min(until, Actual.Length);
        if (from >= last)
        {
            return new();
        }

        var points = ImmutableArray.CreateBuilder<ForecastPoint>(last - from);
        for (var at = from; at < last; at++)
        {
            points.Add(new(default, Forecast.Values[at], Forecast.Lower[at], Forecast.Upper[at]));
        }

        return UsageAnalysis.Accuracy(new SeriesForecast { Points = points.MoveToImmutable() }, Actual.AsSpan()[from..last]);
    }
}
