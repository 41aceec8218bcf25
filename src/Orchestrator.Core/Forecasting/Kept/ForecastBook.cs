using System.Collections.Immutable;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Core.Forecasting.Kept;

/// <summary>
/// Forecasts that were made, so that they can be judged by what came. Bounded: of each source and first step the one that reaches farthest, of equals the newest; of the last two months all, of what is older one a week; a hundred in all, the oldest go
/// first.
/// </summary>
public sealed record ForecastBook
{
    /// <summary>So many are kept.</summary>
    public const int Most = 100;

    private const int DaysOfAll = 60;

    public static ForecastBook Empty { get; } = new();

    /// <summary>By their first step, then source.</summary>
    public ImmutableArray<KeptForecast> Forecasts { get; init; } = [];

    /// <summary>With one more; one that begins with the same step replaces what was made of it before, unless that reached farther: a look at a week does not undo what was said of half a year.</summary>
    public ForecastBook With(KeptForecast forecast)
    {
        ArgumentNullException.ThrowIfNull(forecast);
        if (Forecasts.Any(known => known.Source == forecast.Source && known.From == forecast.From && known.Step == forecast.Step && known.Values.Length > forecast.Values.Length))
        {
            return this;
        }

        var all = Forecasts.Where(known => known.Source != forecast.Source || known.From != forecast.From || known.Step != forecast.Step).Append(forecast)
            .OrderBy(static known => known.From).ThenBy(static known => known.Source, StringComparer.Ordinal).ThenBy(static known => known.Step).ToArray();
        var recent = all[^1].From.AddDays(-DaysOfAll);
        var kept = all.GroupBy(known => (known.Source, known.Step, known.From >= recent ? known.From : SeriesCalendar.StartOf(SeriesCalendar.IndexOf(known.From, SeriesStep.Week), SeriesStep.Week), known.From >= recent))
            .Select(static group => group.First());
        return new() { Forecasts = [.. kept.OrderBy(static known => known.From).ThenBy(static known => known.Source, StringComparer.Ordinal).TakeLast(Most)] };
    }

    /// <summary>How those of a source came true, as far as it is over.</summary>
    /// <param name="source">Whose.</param>
    /// <param name="came">What really came; of the step that the forecasts have.</param>
    public ImmutableArray<ForecastOutcome> Compare(string source, TimeSeries came)
    {
        ArgumentNullException.ThrowIfNull(came);
        var outcomes = ImmutableArray.CreateBuilder<ForecastOutcome>();
        foreach (var forecast in Forecasts.Where(known => known.Source == source && known.Step == came.Step && known.IsWhole))
        {
            var first = SeriesCalendar.IndexOf(forecast.From, forecast.Step);
            var over = (int)Math.Clamp(came.Next - first, 0, forecast.Values.Length);
            if (over > 0 && first >= came.First)
            {
                var actual = came.Values.AsSpan().Slice((int)(first - came.First), over).ToArray();
                outcomes.Add(new() { Forecast = forecast, Actual = [.. actual] });
            }
        }

        return outcomes.ToImmutable();
    }
}
