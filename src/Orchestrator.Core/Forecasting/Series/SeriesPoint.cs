namespace Orchestrator.Core.Forecasting.Series;

/// <summary>One measurement.</summary>
/// <param name="Time">When.</param>
/// <param name="Value">How much; NaN or infinite: not known.</param>
public readonly record struct SeriesPoint(DateTimeOffset Time, double Value);
