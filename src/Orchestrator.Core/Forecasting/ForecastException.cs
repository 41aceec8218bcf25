namespace Orchestrator.Core.Forecasting;

/// <summary>Measurements of which no forecast can be made. The message says what is wrong, where, and what is allowed.</summary>
public sealed class ForecastException : Exception
{
    public ForecastException()
    {
    }

    public ForecastException(string message) : base(message)
    {
    }

    public ForecastException(string message, Exception? inner) : base(message, inner)
    {
    }

    public ForecastException(string message, string series) : base(series.Length == 0 ? message : $"{series}: {message}") => Series = series;

    /// <summary>The series; "": the only one, or all.</summary>
    public string Series { get; } = "";
}
