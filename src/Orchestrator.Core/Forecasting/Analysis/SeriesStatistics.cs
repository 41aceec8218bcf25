namespace Orchestrator.Core.Forecasting.Analysis;

/// <summary>A series in numbers.</summary>
public sealed record SeriesStatistics
{
    public int Count { get; init; }

    public double Mean { get; init; }

    public double Median { get; init; }

    public double Min { get; init; }

    public double Max { get; init; }

    /// <summary>Standard deviation of the sample.</summary>
    public double Deviation { get; init; }

    public double P90 { get; init; }

    public double P95 { get; init; }

    public double P99 { get; init; }
}

/// <summary>A value that is not as usual.</summary>
/// <param name="Time">When its step begins.</param>
/// <param name="Value">What was measured.</param>
/// <param name="Score">Standard deviations from what is usual there.</param>
public readonly record struct Anomaly(DateTimeOffset Time, double Value, double Score)
{
    /// <summary>More than usual.</summary>
    public bool IsHigh => Score > 0;
}

/// <summary>How use goes on the whole.</summary>
public enum UsagePattern
{
    Absent = 0,
    Constant = 1,
    Increasing = 2,
    Decreasing = 3,

    /// <summary>Mostly even, with single high values.</summary>
    Spiky = 4,

    /// <summary>It repeats itself by days, weeks or years.</summary>
    Cyclical = 5,

    /// <summary>Long ups and downs.</summary>
    Wave = 6,

    /// <summary>Now and then.</summary>
    Burst = 7,
    Random = 8,
}

/// <summary>How a forecast came true.</summary>
public sealed record ForecastAccuracy
{
    /// <summary>Steps that were compared.</summary>
    public int Count { get; init; }

    public double MeanAbsoluteError { get; init; }

    /// <summary>Signed, in percent; null: nothing was used.</summary>
    public double? MeanPercentageError { get; init; }

    public double RootMeanSquareError { get; init; }

    /// <summary>Part that lay in its interval.</summary>
    public double Coverage { get; init; }

    /// <summary>The forecast was no more than 15 % off on the whole.</summary>
    public bool IsWithin15Percent => MeanPercentageError is >= -15 and <= 15;
}
