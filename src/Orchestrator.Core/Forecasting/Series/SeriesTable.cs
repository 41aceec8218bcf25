using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Core.Forecasting.Series;

/// <summary>
/// Measurements in a table of comma-separated values with a heading. Times are ISO 8601 (without a zone: UTC), <c>2004-07</c> for a month, <c>20040731</c> where all are written so, or seconds since 1970; a value that
/// is empty, <c>NaN</c>, <c>NA</c> or <c>null</c> was not measured. A row that is there twice with all its cells was delivered twice and counts once; rows that differ in any cell are several.
/// </summary>
public sealed class SeriesTable
{
    private const int ProblemsMax = 20;

    /// <summary>Years of machines whose use anybody measures.</summary>
    private const int YearMin = 1900;

    private const int YearMax = 2199;

    /// <summary>A gap so much longer than usual may be a wrong time.</summary>
    private const int GapMin = 10;

    private static readonly string[] Formats = ["yyyy-MM-dd", "yyyy-MM", "yyyy/MM/dd", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss"];

    private readonly ImmutableSortedDictionary<string, int> repeated;
    private readonly DateTimeOffset oldest;
    private readonly TimeSpan spacing;

    private SeriesTable(ImmutableSortedDictionary<string, ImmutableArray<SeriesPoint>> series, ImmutableSortedDictionary<string, int> repeated, List<SeriesPoint> measured)
    {
        Series = series;
        this.repeated = repeated;
        (oldest, Newest) = measured.Count == 0 ? default : (measured[0].Time, measured[^1].Time);
        spacing = SeriesBuilder.Spacing(measured);
    }

    /// <summary>Measurements by the name of their series, in the order of the table.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<SeriesPoint>> Series { get; }

    /// <summary>The last moment of the whole table at which something was measured.</summary>
    public DateTimeOffset Newest { get; }

    /// <param name="text">With a heading.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="time">Column of the times.</param>
    /// <param name="value">Column of the values.</param>
    /// <param name="by">Column that tells series apart; null: there is one.</param>
    /// <exception cref="ForecastException">Everything that cannot be read, each with its line and column.</exception>
    public static SeriesTable Read(TextReader text, string name, string time, string value, string? by = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var heading = Cells(text.ReadLine() ?? throw new ForecastException($"{name}: the file is empty; a heading is needed"));
        heading[0] = heading[0].TrimStart('\ufeff');
        var problems = new List<string>();
        int Column(string what, string column)
        {
            var at = heading.FindIndex(each => string.Equals(each.Trim(), column, StringComparison.OrdinalIgnoreCase));
            if (at < 0)
            {
                problems.Add($"{name}:1: there is no column '{column}' ({what}); allowed: {string.Join(", ", heading)}");
            }

            return at;
        }

        var (timeAt, valueAt, byAt) = (Column("--time", time), Column("--value", value), by is null ? -1 : Column("--by", by));
        ThrowIfAny(problems, 0);
        var (line, more) = (1, 0);
        void Wrong(string column, string problem)
        {
            if (problems.Count < ProblemsMax)
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"{name}:{line}: {column}: {problem}"));
            }
            else
            {
                more++;
            }
        }

        var rows = new List<Row>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var repeated = new SortedDictionary<string, int>(StringComparer.Ordinal);
        while (text.ReadLine() is { } row)
        {
            line++;
            if (string.IsNullOrWhiteSpace(row))
            {
                continue;
            }

            var cells = Cells(row);
            if (cells.Count != heading.Count)
            {
                Wrong("line", string.Create(CultureInfo.InvariantCulture, $"{cells.Count} cells; the heading has {heading.Count}"));
                continue;
            }

            var key = byAt < 0 ? "" : cells[byAt].Trim();
            if (!seen.Add(row))
            {
                repeated[key] = repeated.GetValueOrDefault(key) + 1;
                continue;
            }

            var isNumber = TryNumber(cells[valueAt], out var number);
            if (!isNumber)
            {
                Wrong(heading[valueAt], $"'{cells[valueAt]}' is no number; allowed: a decimal number, or nothing where nothing was measured");
            }

            rows.Add(new Row(line, cells[timeAt].Trim(), isNumber ? number : double.NaN, key));
        }

        // Eight digits may be seconds as well: the column decides.
        var isCompact = rows.Count > 0 && rows.TrueForAll(static row => TryCompact(row.Time, out _));
        var series = new SortedDictionary<string, ImmutableArray<SeriesPoint>.Builder>(StringComparer.Ordinal);
        var measured = new List<(SeriesPoint Point, int Line)>();
        foreach (var row in rows)
        {
            line = row.Line;
            if (!(isCompact ? TryCompact(row.Time, out var moment) : TryMoment(row.Time, out moment)))
            {
                Wrong(heading[timeAt], $"'{row.Time}' is no time; allowed: 2004-07-31, 2004-07, 2004-07-31T12:00:00Z, 20040731, or seconds since 1970");
                continue;
            }

            if (moment.Year is < YearMin or > YearMax)
            {
                Wrong(heading[timeAt], string.Create(CultureInfo.InvariantCulture, $"'{row.Time}' is in the year {moment.Year}; allowed: {YearMin} to {YearMax}"));
                continue;
            }

            if (!series.TryGetValue(row.Key, out var points))
            {
                series[row.Key] = points = ImmutableArray.CreateBuilder<SeriesPoint>();
            }

            var point = new SeriesPoint(moment, row.Value);
            points.Add(point);
            if (double.IsFinite(row.Value))
            {
                measured.Add((point, row.Line));
            }
        }

        var inOrder = measured.OrderBy(static each => each.Point.Time).ToList();
        var moments = inOrder.ConvertAll(static each => each.Point);
        if (FarOff(moments) is { } apart)
        {
            var (first, last) = (moments[apart - 1].Time, moments[apart].Time);
            var isEnd = apart > moments.Count / 2;
            line = inOrder[isEnd ? apart : apart - 1].Line;
            var others = isEnd ? moments.Count - apart : apart;
            Wrong(heading[timeAt], string.Create(CultureInfo.InvariantCulture, $"nothing was measured from {first:u} to {last:u}, longer than all the rest lasts, and {others} row{(others == 1 ? " lies" : "s lie")} beyond: is this time wrong? Else forecast the two parts by themselves"));
        }

        ThrowIfAny(problems, more);
        return series.Count == 0
            ? throw new ForecastException($"{name}: there is a heading and nothing below it")
            : new SeriesTable(
                series.ToImmutableSortedDictionary(static each => each.Key, static each => each.Value.ToImmutable(), StringComparer.Ordinal), repeated.ToImmutableSortedDictionary(StringComparer.Ordinal), moments);
    }

    /// <summary>
    /// The series. Where most steps have a measurement, a series ends with its last one; a series of events goes on to the end of the table, since no event is a measurement too.
    /// </summary>
    /// <param name="step">Spacing.</param>
    /// <param name="aggregation">Of several measurements in a step.</param>
    /// <param name="missing">What a step without any means.</param>
    /// <returns>A series, or why there is none, for each name.</returns>
    public IEnumerable<(string Name, TimeSeries? Series, string? Problem)> Build(SeriesStep step, Aggregation aggregation = Aggregation.Sum, MissingSteps missing = MissingSteps.Guess)
    {
        var builder = new SeriesBuilder(step, aggregation, missing);
        foreach (var (name, points) in Series)
        {
            TimeSeries? series = null;
            string? problem = null;
            try
            {
                series = builder.Build(name, points);
                if (missing == MissingSteps.Zero || (missing == MissingSteps.Guess && series.Filled > 0 && series.Filled > 0.1 * series.Values.Length))
                {
                    series = builder.Build(name, points, Newest.AddTicks(1), oldest, spacing);
                }

                if (repeated.TryGetValue(name, out var count))
                {
                    series = series with { Notes = series.Notes.Insert(0, string.Create(CultureInfo.InvariantCulture, $"{count} row{(count == 1 ? "" : "s")} repeated with all cells: counted once")) };
                }
            }
            catch (ForecastException fault)
            {
                problem = fault.Message;
            }

            yield return (name, series, problem);
        }
    }

    private static void ThrowIfAny(List<string> problems, int more)
    {
        if (problems.Count > 0)
        {
            throw new ForecastException(string.Join(Environment.NewLine, problems) + (more > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Environment.NewLine}and {more} more") : ""));
        }
    }

    /// <summary>The place after a gap that is longer than all the rest of the table, ten times the usual one and more than a year; null: there is none. A wrong year makes such a gap, and decades without use of it.</summary>
    private static int? FarOff(List<SeriesPoint> moments)
    {
        var (place, longest) = (0, TimeSpan.Zero);
        for (var at = 1; at < moments.Count; at++)
        {
            var gap = moments[at].Time - moments[at - 1].Time;
            (place, longest) = gap > longest ? (at, gap) : (place, longest);
        }

        var rest = moments.Count == 0 ? TimeSpan.Zero : moments[^1].Time - moments[0].Time - longest;
        return rest > TimeSpan.Zero && longest > rest && longest > TimeSpan.FromDays(366) && longest > GapMin * SeriesBuilder.Spacing(moments) ? place : null;
    }

    private static bool TryCompact(string text, out DateTimeOffset moment)
    {
        moment = default;
        return text.Length == 8 && DateTimeOffset.TryParseExact(text, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out moment) && moment.Year is >= YearMin and <= YearMax;
    }

    private static bool TryMoment(string text, out DateTimeOffset moment)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, Utc, out moment))
        {
            return true;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
        {
            var known = seconds is >= -62_135_596_800 and <= 253_402_300_799;
            moment = known ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : default;
            return known;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Utc, out moment);
    }

    private static bool TryNumber(string text, out double number)
    {
        text = text.Trim();
        if (text.Length == 0 || text.Equals("nan", StringComparison.OrdinalIgnoreCase) || text.Equals("na", StringComparison.OrdinalIgnoreCase) || text.Equals("null", StringComparison.OrdinalIgnoreCase))
        {
            number = double.NaN;
            return true;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Cells of a line; quotes may hold commas, and doubled quotes are one (RFC 4180, without line breaks).</summary>
    private static List<string> Cells(string line)
    {
        if (!line.Contains('"', StringComparison.Ordinal))
        {
            return [.. line.Split(',')];
        }

        var cells = new List<string>();
        var cell = new System.Text.StringBuilder();
        var quoted = false;
        for (var at = 0; at < line.Length; at++)
        {
            if (line[at] == '"')
            {
                if (quoted && at + 1 < line.Length && line[at + 1] == '"')
                {
                    cell.Append('"');
                    at++;
                }
                else
                {
                    quoted = !quoted;
                }
            }
            else if (line[at] == ',' && !quoted)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else
            {
                cell.Append(line[at]);
            }
        }

        cells.Add(cell.ToString());
        return cells;
    }

    private readonly record struct Row(int Line, string Time, double Value, string Key);
}
