using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Core.Forecasting.Series;

/// <summary>
/// Measurements in a table of comma-separated values with a heading. Times are ISO 8601 (without a zone: UTC), <c>2004-07</c> for a month, or seconds since 1970; a value that is empty, <c>NaN</c>,
/// <c>NA</c> or <c>null</c> was not measured.
/// </summary>
public sealed class SeriesTable
{
    private const int ProblemsMax = 20;

    private static readonly string[] Formats = ["yyyy-MM-dd", "yyyy-MM", "yyyy/MM/dd", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss"];

    private SeriesTable(ImmutableSortedDictionary<string, ImmutableArray<SeriesPoint>> series, DateTimeOffset newest)
    {
        Series = series;
        Newest = newest;
    }

    /// <summary>Measurements by the name of their series, in the order of the table.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<SeriesPoint>> Series { get; }

    /// <summary>The last moment of the whole table.</summary>
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
        var series = new SortedDictionary<string, ImmutableArray<SeriesPoint>.Builder>(StringComparer.Ordinal);
        var newest = DateTimeOffset.MinValue;
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

            var isMoment = TryMoment(cells[timeAt], out var moment);
            var isNumber = TryNumber(cells[valueAt], out var number);
            if (!isMoment)
            {
                Wrong(heading[timeAt], $"'{cells[timeAt]}' is no time; allowed: 2004-07-31, 2004-07, 2004-07-31T12:00:00Z, or seconds since 1970");
            }

            if (!isNumber)
            {
                Wrong(heading[valueAt], $"'{cells[valueAt]}' is no number; allowed: a decimal number, or nothing where nothing was measured");
            }

            if (!isMoment || !isNumber)
            {
                continue;
            }

            newest = moment > newest ? moment : newest;
            var key = byAt < 0 ? "" : cells[byAt].Trim();
            if (!series.TryGetValue(key, out var points))
            {
                series[key] = points = ImmutableArray.CreateBuilder<SeriesPoint>();
            }

            points.Add(new SeriesPoint(moment, number));
        }

        ThrowIfAny(problems, more);
        return series.Count == 0
            ? throw new ForecastException($"{name}: there is a heading and nothing below it")
            : new SeriesTable(series.ToImmutableSortedDictionary(static each => each.Key, static each => each.Value.ToImmutable(), StringComparer.Ordinal), newest);
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
                    series = builder.Build(name, points, Newest.AddTicks(1));
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

    private static bool TryMoment(string text, out DateTimeOffset moment)
    {
        text = text.Trim();
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
}
