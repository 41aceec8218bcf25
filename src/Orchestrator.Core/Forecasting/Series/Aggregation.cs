namespace Orchestrator.Core.Forecasting.Series;

/// <summary>How several measurements of one step become its value.</summary>
public enum Aggregation
{
    Absent = 0,
    Sum = 1,
    Mean = 2,
    Median = 3,
    Max = 4,
    Min = 5,
    P90 = 6,
    P95 = 7,
    P99 = 8,
}
