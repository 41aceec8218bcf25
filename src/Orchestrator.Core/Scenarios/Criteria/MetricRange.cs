namespace Orchestrator.Core.Scenarios.Criteria;

/// <summary>From the least to the most of finite values; without any, the least is above the most.</summary>
internal readonly record struct MetricRange(double Least, double Most)
{
    public static MetricRange Of(IEnumerable<double> values)
    {
        var (least, most) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values.Where(double.IsFinite))
        {
            (least, most) = (Math.Min(least, value), Math.Max(most, value));
        }

        return new(least, most);
    }

    public MetricRange With(double value) => new(Math.Min(Least, value), Math.Max(Most, value));
}
