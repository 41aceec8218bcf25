using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Orchestrator.Core.Forecasting.Series;

/// <summary>
/// Makes a series of measurements as they come: out of order, repeated, with gaps, several in a step. Nothing is repaired silently: <see cref="TimeSeries.Notes"/> tells what and how often.
/// </summary>
public sealed class SeriesBuilder(SeriesStep step, Aggregation aggregation = Aggregation.Sum, MissingSteps missing = MissingSteps.Guess)
{
    /// <summary>More than so large a part of the steps missing: the series is one of events, and a step without any is 0.</summary>
    private const double SparseFrom = 0.1;

    /// <summary>A series is refused rather than filled with so many steps.</summary>
    private const int StepsMax = 5_000_000;

    /// <summary>Sums and squares of larger values are no numbers any more.</summary>
    private const double ValueMax = 1e100;

    /// <summary>The last month or week counts as whole when measurements reach so far into it.</summary>
    private const double WholeFrom = 0.9;

    /// <param name="name">Whose.</param>
    /// <param name="points">In any order.</param>
    /// <param name="until">Where all series of one source end, the end of its last step excluded; null: with the last point. Steps up to there without a measurement are missing ones.</param>
    /// <exception cref="ForecastException">There is no measurement, or the times are too far apart.</exception>
    public TimeSeries Build(string name, IEnumerable<SeriesPoint> points, DateTimeOffset? until = null)
    {
        ArgumentNullException.ThrowIfNull(points);
        var all = points.ToList();
        var notes = ImmutableArray.CreateBuilder<string>();
        var unknown = all.RemoveAll(static point => !(Math.Abs(point.Value) < ValueMax));
        Note(notes, unknown, "{0} value{1} not a finite number: taken as not measured");
        if (all.Count == 0)
        {
            throw new ForecastException(unknown == 0 ? "there is no measurement" : "no value is a finite number", name);
        }

        Note(notes, InOrder(all), "the clock went back {0} time{1}: sorted by time");
        Note(notes, WithoutRepeats(all), "{0} measurement{1} repeated (same time and value): counted once");
        var first = SeriesCalendar.IndexOf(all[0].Time, step);
        var last = Math.Max(SeriesCalendar.IndexOf(all[^1].Time, step), until is { } end ? SeriesCalendar.IndexOf(end.AddTicks(-1), step) : long.MinValue);
        if (last - first >= StepsMax)
        {
            throw new ForecastException(string.Create(CultureInfo.InvariantCulture, $"from {all[0].Time:u} to {all[^1].Time:u} there are {last - first + 1} steps; allowed: at most {StepsMax}; is a time wrong, or the step too short?"), name);
        }

        var values = new double[last - first + 1];
        Array.Fill(values, double.NaN);
        var shared = Aggregate(all, first, values);
        Note(notes, shared, "{0} step{1} with several measurements: " + Name(aggregation));
        if (values.Length > 3 && shared > values.Length / 2 && IsPartial(all[^1].Time, until, last))
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"the last {step.ToString().ToLowerInvariant()} is not over yet ({all[^1].Time:u}): left out"));
            values = values[..^1];
        }

        var filled = Fill(values, notes);
        return new TimeSeries { Name = name, Step = step, First = first, Values = ImmutableCollectionsMarshal.AsImmutableArray(values), Filled = filled, Notes = notes.ToImmutable() };
    }

    private bool IsPartial(DateTimeOffset newest, DateTimeOffset? until, long last)
    {
        var end = until is { } given && given > newest ? given : newest;
        return step is SeriesStep.Month or SeriesStep.Week && (end - SeriesCalendar.StartOf(last, step)) / SeriesCalendar.LengthOf(last, step) < WholeFrom;
    }

    private static int InOrder(List<SeriesPoint> points)
    {
        var back = 0;
        for (var at = 1; at < points.Count; at++)
        {
            back += points[at].Time < points[at - 1].Time ? 1 : 0;
        }

        if (back > 0)
        {
            var sorted = points.OrderBy(static point => point.Time).ToList();
            points.Clear();
            points.AddRange(sorted);
        }

        return back;
    }

    /// <summary>Measurements of one moment that say the same are one that was delivered twice; such that differ are several.</summary>
    private static int WithoutRepeats(List<SeriesPoint> points)
    {
        var seen = new HashSet<double>();
        var before = points.Count;
        var moment = DateTimeOffset.MinValue;
        points.RemoveAll(point =>
        {
            if (point.Time != moment)
            {
                seen.Clear();
                moment = point.Time;
            }

            return !seen.Add(point.Value);
        });
        return before - points.Count;
    }

    private int Aggregate(List<SeriesPoint> points, long first, double[] values)
    {
        var shared = 0;
        var within = new List<double>();
        for (var at = 0; at < points.Count;)
        {
            var index = SeriesCalendar.IndexOf(points[at].Time, step);
            within.Clear();
            for (; at < points.Count && SeriesCalendar.IndexOf(points[at].Time, step) == index; at++)
            {
                within.Add(points[at].Value);
            }

            shared += within.Count > 1 ? 1 : 0;
            values[index - first] = Aggregations.Of(CollectionsMarshal.AsSpan(within), aggregation);
        }

        return shared;
    }

    private int Fill(double[] values, ImmutableArray<string>.Builder notes)
    {
        var gaps = values.Count(double.IsNaN);
        if (gaps == 0)
        {
            return 0;
        }

        if (missing == MissingSteps.Zero || (missing == MissingSteps.Guess && gaps > SparseFrom * values.Length))
        {
            for (var at = 0; at < values.Length; at++)
            {
                values[at] = double.IsNaN(values[at]) ? 0 : values[at];
            }

            Note(notes, gaps, "{0} step{1} without a measurement: taken as 0" + (missing == MissingSteps.Guess ? ", since they are more than a tenth" : ""));
            return gaps;
        }

        for (var at = 0; at < values.Length; at++)
        {
            if (double.IsNaN(values[at]))
            {
                var next = at;
                while (next < values.Length && double.IsNaN(values[next]))
                {
                    next++;
                }

                var (from, to) = (at == 0 ? values[next] : values[at - 1], next == values.Length ? values[at - 1] : values[next]);
                for (var gap = at; gap < next; gap++)
                {
                    values[gap] = from + ((to - from) * (gap - at + 1) / (next - at + 1));
                }
            }
        }

        Note(notes, gaps, "{0} step{1} without a measurement: filled in between the neighbours");
        return gaps;
    }

    private static void Note(ImmutableArray<string>.Builder notes, int count, string text)
    {
        if (count > 0)
        {
            notes.Add(string.Format(CultureInfo.InvariantCulture, text, count, count == 1 ? "" : "s"));
        }
    }

    private static string Name(Aggregation aggregation) => aggregation switch
    {
        Aggregation.Sum => "added up",
        _ => "their " + aggregation.ToString().ToLowerInvariant(),
    };
}
