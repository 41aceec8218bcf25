using System.Collections.Immutable;

namespace Orchestrator.Core.Forecasting.Series;

/// <summary>Values at every step, without gaps, oldest first, all of them finite.</summary>
public sealed record TimeSeries
{
    /// <summary>Whose or of what; "": the only one.</summary>
    public string Name { get; init; } = "";

    public SeriesStep Step { get; init; } = SeriesStep.Day;

    /// <summary>The first step, as <see cref="SeriesCalendar.IndexOf"/> counts.</summary>
    public long First { get; init; }

    /// <summary>What was measured or filled in.</summary>
    public ImmutableArray<double> Values { get; init; } = [];

    /// <summary>How many of the values were filled in.</summary>
    public int Filled { get; init; }

    /// <summary>The places of values that nobody knows and that were filled in between their neighbours, ascending; zeros of steps in which nothing was used are known.</summary>
    public ImmutableArray<int> Unknown { get; init; } = [];

    /// <summary>What was wrong with the measurements, and what was made of it; sentences.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>The step after the last value.</summary>
    public long Next => First + Values.Length;

    /// <summary>The first <paramref name="count"/> values as they were known then: what is unknown at their end is as the last known one, since the next was not there yet.</summary>
    public TimeSeries Until(int count)
    {
        var values = Values[..count];
        var known = count;
        while (known > 0 && Unknown.BinarySearch(known - 1) >= 0)
        {
            known--;
        }

        if (known is > 0 && known < count)
        {
            var builder = values.ToBuilder();
            for (var at = known; at < count; at++)
            {
                builder[at] = values[known - 1];
            }

            values = builder.MoveToImmutable();
        }

        return this with { Values = values, Unknown = [.. Unknown.Where(at => at < count)], Filled = Math.Min(Filled, count) };
    }
}
