using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Orchestrator.Core.Forecasting.Series;

/// <summary>
/// Makes a series of measurements as they come: out of order, with gaps, several in a step, of which equal ones are several too. Nothing is repaired silently: <see cref="TimeSeries.Notes"/> tells what and how often.
/// </summary>
public sealed class SeriesBuilder(SeriesStep step, Aggregation aggregation = Aggregation.Sum, MissingSteps missing = MissingSteps.Guess)
{
    /// <summary>More than so large a part of the steps missing: the series is one of events, and a step without any is 0.</summary>
    private const double SparseFrom = 0.1;

    /// <summary>A series is refused rather than filled with so many steps.</summary>
    private const int StepsMax = 5_000_000;

    /// <summary>Sums and squares of larger values are no numbers any more.</summary>
    private const double ValueMax = 1e100;

    /// <summary>The first and the last month or week count as whole when measurements reach over so much of them.</summary>
    private const double WholeFrom = 0.9;

    /// <param name="name">Whose.</param>
    /// <param name="points">In any order.</param>
    /// <param name="until">Where all series of one source end, the end of its last step excluded; null: with the last point. Steps up to there without a measurement are missing ones.</param>
    /// <param name="from">Where all series of one source begin; null: with the first point.</param>
    /// <param name="spacing">How far measurements of the source usually lie apart; null: as those of this series do.</param>
    /// <exception cref="ForecastException">There is no measurement, or the times are too far apart.</exception>
    public TimeSeries Build(string name, IEnumerable<SeriesPoint> points, DateTimeOffset? until = null, DateTimeOffset? from = null, TimeSpan? spacing = null)
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
        if (values.Length > 3 && step is SeriesStep.Month or SeriesStep.Week)
        {
            // Nobody knows whether a measurement is written down where its time begins or where it ends.
            var apart = spacing ?? Spacing(all);
            var (newest, oldest) = (until is { } source && source > all[^1].Time ? source : all[^1].Time, from is { } begin && begin < all[0].Time ? begin : all[0].Time);
            if ((newest + apart - SeriesCalendar.StartOf(last, step)) / SeriesCalendar.LengthOf(last, step) < WholeFrom)
            {
                notes.Add(string.Create(CultureInfo.InvariantCulture, $"the last {step.ToString().ToLowerInvariant()} is not over yet ({newest:u}): left out"));
                values = values[..^1];
            }

            if ((SeriesCalendar.StartOf(first + 1, step) - oldest + apart) / SeriesCalendar.LengthOf(first, step) < WholeFrom)
            {
                notes.Add(string.Create(CultureInfo.InvariantCulture, $"the first {step.ToString().ToLowerInvariant()} is not whole ({oldest:u}): left out"));
                values = values[1..];
                first++;
            }
        }

        if (values.All(double.IsNaN))
        {
            throw new ForecastException(string.Create(CultureInfo.InvariantCulture, $"no whole {step.ToString().ToLowerInvariant()} was measured; allowed: measurements in at least one, or a shorter step"), name);
        }

        var (filled, filledIn) = Fill(values, notes);
        return new TimeSeries { Name = name, Step = step, First = first, Values = ImmutableCollectionsMarshal.AsImmutableArray(values), Filled = filled, Unknown = filledIn, Notes = notes.ToImmutable() };
    }

    /// <summary>How far neighbours that differ in time usually lie apart: the median; 0 where there are none.</summary>
    /// <param name="points">In order of time.</param>
    internal static TimeSpan Spacing(IReadOnlyList<SeriesPoint> points)
    {
        var gaps = new List<double>();
        for (var at = 1; at < points.Count; at++)
        {
            if (points[at].Time > points[at - 1].Time)
            {
                gaps.Add((points[at].Time - points[at - 1].Time).Ticks);
            }
        }

        return gaps.Count == 0 ? TimeSpan.Zero : TimeSpan.FromTicks((long)Aggregations.Of(CollectionsMarshal.AsSpan(gaps), Aggregation.Median));
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

    /// <summary>How many were missing, and which of them nobody knows.</summary>
    private (int Filled, ImmutableArray<int> Unknown) Fill(double[] values, ImmutableArray<string>.Builder notes)
    {
        var gaps = values.Count(double.IsNaN);
        if (gaps == 0)
        {
            return (0, []);
        }

        if (missing == MissingSteps.Zero || (missing == MissingSteps.Guess && gaps > SparseFrom * values.Length))
        {
            for (var at = 0; at < values.Length; at++)
            {
                values[at] = double.IsNaN(values[at]) ? 0 : values[at];
            }

            Note(notes, gaps, "{0} step{1} without a measurement: taken as 0" + (missing == MissingSteps.Guess ? ", since they are more than a tenth" : ""));
            return (gaps, []);
        }

        var unknown = ImmutableArray.CreateBuilder<int>(gaps);

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
                    unknown.Add(gap);
                    values[gap] = from + ((to - from) * (gap - at + 1) / (next - at + 1));
                }
            }
        }

        Note(notes, gaps, "{0} step{1} without a measurement: filled in between the neighbours");
        return (gaps, unknown.ToImmutable());
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
