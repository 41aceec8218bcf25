using System.Runtime.InteropServices;
using Orchestrator.Core.Forecasting;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Core.Usage;

/// <summary>Use as a series: each record is spread evenly over its time.</summary>
public static class UsageTimeline
{
    private const int StepsMax = 1_000_000;

    /// <param name="records">At least one.</param>
    /// <param name="amount">What to add up, such as core-hours.</param>
    /// <param name="step">Spacing.</param>
    /// <param name="until">The series ends here; null: with the newest use. A step that is not over then is left out.</param>
    /// <param name="name">Of the series.</param>
    /// <exception cref="ForecastException">There is no record, or they lie too far apart.</exception>
    public static TimeSeries Of(IReadOnlyCollection<UsageRecord> records, Func<UsageAmounts, double> amount, SeriesStep step, DateTimeOffset? until = null, string name = "")
    {
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(amount);
        if (records.Count == 0)
        {
            throw new ForecastException("nothing was used", name);
        }

        var first = SeriesCalendar.IndexOf(records.Min(static record => record.From), step);
        var end = until ?? records.Max(static record => record.Until);
        var last = SeriesCalendar.IndexOf(end, step);
        if (last - first >= StepsMax)
        {
            throw new ForecastException(FormattableString.Invariant($"from {records.Min(static record => record.From):u} to {end:u} there are more than {StepsMax} steps; is a time wrong?"), name);
        }

        var values = new double[Math.Max(1, last - first)];
        foreach (var record in records)
        {
            var whole = (record.Until - record.From).TotalSeconds;
            var total = amount(record.Amounts);
            for (var at = SeriesCalendar.IndexOf(record.From, step); at - first < values.Length && SeriesCalendar.StartOf(at, step) <= record.Until; at++)
            {
                var (start, stop) = (SeriesCalendar.StartOf(at, step), SeriesCalendar.StartOf(at + 1, step));
                var inside = ((stop < record.Until ? stop : record.Until) - (start > record.From ? start : record.From)).TotalSeconds;
                values[at - first] += whole <= 0 ? (at == SeriesCalendar.IndexOf(record.From, step) ? total : 0) : total * Math.Max(0, inside) / whole;
            }
        }

        return new TimeSeries { Name = name, Step = step, First = first, Values = ImmutableCollectionsMarshal.AsImmutableArray(values) };
    }
}
