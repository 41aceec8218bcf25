using System.Collections.Immutable;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Core.Forecasting;

/// <summary>What is to be expected of a series, with how sure that is and why.</summary>
public sealed record SeriesForecast
{
    public string Name { get; init; } = "";

    public SeriesStep Step { get; init; }

    /// <summary>The method that was asked for or chosen.</summary>
    public string Method { get; init; } = "";

    /// <summary>Why this method; a sentence.</summary>
    public string Reason { get; init; } = "";

    /// <summary>What the intervals shall cover.</summary>
    public double Level { get; init; }

    /// <summary>Values of history that it rests on.</summary>
    public int History { get; init; }

    public ImmutableArray<ForecastPoint> Points { get; init; } = [];

    /// <summary>The sum over the horizon.</summary>
    public ForecastRange Total { get; init; }

    /// <summary>What was wrong with the measurements, and what holds for the forecast; sentences.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}

/// <summary>A step of a forecast.</summary>
/// <param name="Time">When the step begins.</param>
/// <param name="Value">What is expected.</param>
/// <param name="Lower">What comes is likely not below.</param>
/// <param name="Upper">What comes is likely not above.</param>
public readonly record struct ForecastPoint(DateTimeOffset Time, double Value, double Lower, double Upper);

/// <summary>A number with how sure it is.</summary>
public readonly record struct ForecastRange(double Value, double Lower, double Upper);
