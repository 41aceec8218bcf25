using Orchestrator.Core.Forecasting.Analysis;

namespace Orchestrator.Core.Forecasting.Series;

/// <summary>Several measurements as one.</summary>
public static class Aggregations
{
    /// <param name="values">At least one, none of them NaN; they are sorted in place where the aggregation needs it.</param>
    /// <param name="aggregation">How.</param>
    public static double Of(Span<double> values, Aggregation aggregation)
    {
        ArgumentOutOfRangeException.ThrowIfZero(values.Length, nameof(values));
        switch (aggregation)
        {
            case Aggregation.Sum:
                return Statistics.Sum(values);
            case Aggregation.Mean:
                return Statistics.Sum(values) / values.Length;
            case Aggregation.Max:
                return Statistics.Max(values);
            case Aggregation.Min:
                return Statistics.Min(values);
            case Aggregation.Median:
                return Sorted(values, 0.5);
            case Aggregation.P90:
                return Sorted(values, 0.9);
            case Aggregation.P95:
                return Sorted(values, 0.95);
            case Aggregation.P99:
                return Sorted(values, 0.99);
            default:
                throw new ArgumentOutOfRangeException(nameof(aggregation), aggregation, "allowed: sum, mean, median, max, min, p90, p95, p99");
        }
    }

    private static double Sorted(Span<double> values, double part)
    {
        values.Sort();
        return Statistics.Quantile(values, part);
    }
}
