using System.Collections.Immutable;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Core.Forecasting.Kept;

/// <summary>A forecast as it was made, to be compared with what comes.</summary>
public sealed record KeptForecast
{
    /// <summary>Of what it was made: the service, or some logs.</summary>
    public string Source { get; init; } = "";

    /// <summary>The first step that it is about.</summary>
    public DateTimeOffset From { get; init; }

    public SeriesStep Step { get; init; }

    public string Method { get; init; } = "";

    /// <summary>What the intervals shall cover.</summary>
    public double Level { get; init; }

    /// <summary>By step, to six digits.</summary>
    public ImmutableArray<double> Values { get; init; } = [];

    public ImmutableArray<double> Lower { get; init; } = [];

    public ImmutableArray<double> Upper { get; init; } = [];

    /// <exception cref="ForecastException">It has no steps.</exception>
    public static KeptForecast Of(string source, SeriesForecast forecast)
    {
        ArgumentNullException.ThrowIfNull(forecast);
        return forecast.Points.IsDefaultOrEmpty ? throw new ForecastException("a forecast without steps cannot be kept", forecast.Name) : new()
        {
            Source = source,
            From = forecast.Points[0].Time,
            Step = forecast.Step,
            Method = forecast.Method,
            Level = forecast.Level,
            Values = [.. forecast.Points.Select(static point => Rounded(point.Value))],
            Lower = [.. forecast.Points.Select(static point => Rounded(point.Lower))],
            Upper = [.. forecast.Points.Select(static point => Rounded(point.Upper))],
        };
    }

    /// <summary>It can be compared with what came.</summary>
    internal bool IsWhole => !Values.IsDefaultOrEmpty && !Lower.IsDefault && !Upper.IsDefault && Values.Length == Lower.Length && Values.Length == Upper.Length && Step is >= SeriesStep.Minute and <= SeriesStep.Month;

    private static double Rounded(double value)
    {
        if (value == 0 || !double.IsFinite(value))
        {
            return double.IsFinite(value) ? 0 : double.MaxValue;
        }

        var digits = 5 - (int)Math.Floor(Math.Log10(Math.Abs(value)));
        return digits is > 0 and <= 15 ? Math.Round(value, digits) : Math.Round(value);
    }
}
