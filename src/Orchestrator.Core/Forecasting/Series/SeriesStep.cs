namespace Orchestrator.Core.Forecasting.Series;

/// <summary>The spacing of a series. Steps begin in UTC: days at midnight, weeks on Monday, months on their first day.</summary>
[GenerateSerializer, Alias("orchestrator.series-step")]
public enum SeriesStep
{
    Absent = 0,
    Minute = 1,
    Hour = 2,
    Day = 3,
    Week = 4,
    Month = 5,
}
