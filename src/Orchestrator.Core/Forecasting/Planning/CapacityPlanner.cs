using System.Collections.Immutable;
using MathNet.Numerics.Distributions;

namespace Orchestrator.Core.Forecasting.Planning;

/// <summary>When does what run out, with probability.</summary>
public static class CapacityPlanner
{
    private const double Rare = 0.1;

    /// <param name="forecast">Of the demand for a resource.</param>
    /// <param name="resource">Its name.</param>
    /// <param name="capacity">For a step, above 0, in the unit of the series.</param>
    /// <param name="part">Of the capacity, from which on it counts as run out: above it, waits grow fast. 0 to 1.</param>
    public static CapacityPlan Plan(SeriesForecast forecast, string resource, double capacity, double part = 1)
    {
        ArgumentNullException.ThrowIfNull(forecast);
        if (capacity is not (> 0 and < double.PositiveInfinity) || part is not (> 0 and <= 1))
        {
            throw new ForecastException(FormattableString.Invariant($"{resource}: a capacity of {capacity} of which {part} may be used; allowed: above 0, and a part above 0, at most 1"));
        }

        var limit = capacity * part;
        var points = ImmutableArray.CreateBuilder<CapacityPoint>(forecast.Points.Length);
        var none = 1.0;
        foreach (var point in forecast.Points)
        {
            var deviation = (point.Upper - point.Lower) / 2 / GrantPlanner.Spread(forecast.Level);
            var likely = deviation <= 0 ? (point.Value > limit ? 1 : 0) : 1 - Normal.CDF(point.Value, deviation, limit);
            none = Math.Min(none, 1 - likely);
            points.Add(new CapacityPoint(point.Time, point.Value, point.Value / capacity, likely));
        }

        var all = points.MoveToImmutable();
        return new CapacityPlan
        {
            Resource = resource,
            Capacity = capacity,
            Limit = limit,
            Points = all,
            Likely = 1 - none,
            RunsOutAt = First(all, 0.5),
            RunsOutEarliest = First(all, Rare),
            NeededForPeak = forecast.Points.Max(static point => point.Upper) / part,
        };
    }

    private static DateTimeOffset? First(ImmutableArray<CapacityPoint> points, double likely)
    {
        foreach (var point in points)
        {
            if (point.Likely >= likely)
            {
                return point.Time;
            }
        }

        return null;
    }
}

/// <summary>Whether and when a resource runs out.</summary>
public sealed record CapacityPlan
{
    public string Resource { get; init; } = "";

    /// <summary>For a step.</summary>
    public double Capacity { get; init; }

    /// <summary>What of it may be used before it counts as run out.</summary>
    public double Limit { get; init; }

    /// <summary>How likely it runs out in the worst step.</summary>
    public double Likely { get; init; }

    /// <summary>The first step in which it more likely runs out than not; null: none within the horizon.</summary>
    public DateTimeOffset? RunsOutAt { get; init; }

    /// <summary>The first step in which one of ten futures runs out; null: none.</summary>
    public DateTimeOffset? RunsOutEarliest { get; init; }

    /// <summary>Capacity with which the upper end of every interval would fit.</summary>
    public double NeededForPeak { get; init; }

    public ImmutableArray<CapacityPoint> Points { get; init; } = [];
}

/// <param name="Time">When the step begins.</param>
/// <param name="Demand">As expected.</param>
/// <param name="Utilization">Of the capacity.</param>
/// <param name="Likely">How likely demand is above the limit.</param>
public readonly record struct CapacityPoint(DateTimeOffset Time, double Demand, double Utilization, double Likely);
