using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Core.Forecasting.Planned;

/// <summary>What is known in advance, as tables: planned work (<c>name, from, until, amount[, probability][, extra]</c>) and the calendar (<c>name, from, until, factor</c>). Times are ISO 8601, UTC where no zone is given.</summary>
public static class PlannedTable
{
    /// <exception cref="ForecastException">Everything that is wrong, with its line and column.</exception>
    public static ImmutableArray<PlannedWork> Work(TextReader text, string name) => Read(text, name, ["name", "from", "until", "amount"], ["probability", "extra"], static row => new PlannedWork
    {
        Name = row.Text("name"),
        From = row.Moment("from"),
        Until = row.Moment("until"),
        Amount = row.Number("amount", double.NaN),
        Probability = row.Number("probability", 1),
        IsExtra = row.Flag("extra"),
    });

    /// <exception cref="ForecastException">Everything that is wrong, with its line and column.</exception>
    public static ImmutableArray<CalendarFactor> Calendar(TextReader text, string name) => Read(text, name, ["name", "from", "until", "factor"], [], static row => new CalendarFactor
    {
        Name = row.Text("name"),
        From = row.Moment("from"),
        Until = row.Moment("until"),
        Factor = row.Number("factor", double.NaN),
    });

    private static ImmutableArray<T> Read<T>(TextReader text, string name, string[] needed, string[] optional, Func<Row, T> make)
    {
        ArgumentNullException.ThrowIfNull(text);
        var heading = (text.ReadLine() ?? "").Split(',').Select(static cell => cell.Trim()).ToArray();
        string[] allowed = [.. needed, .. optional];
        var problems = new List<string>();
        problems.AddRange(needed.Where(column => !heading.Contains(column)).Select(column => $"{name}:1: there is no column '{column}'; allowed: {string.Join(", ", allowed)}"));
        problems.AddRange(heading.Where(column => !allowed.Contains(column)).Select(column => $"{name}:1: the column '{column}' is not known; allowed: {string.Join(", ", allowed)}"));
        var items = ImmutableArray.CreateBuilder<T>();
        for (var line = 2; problems.Count == 0 && text.ReadLine() is { } cells; line++)
        {
            if (string.IsNullOrWhiteSpace(cells))
            {
                continue;
            }

            var row = new Row(heading, [.. cells.Split(',').Select(static cell => cell.Trim())], FormattableString.Invariant($"{name}:{line}"));
            items.Add(make(row));
            problems.AddRange(row.Problems);
        }

        return problems.Count == 0 ? items.ToImmutable() : throw new ForecastException(string.Join(Environment.NewLine, problems));
    }

    private sealed class Row(string[] heading, string[] cells, string place)
    {
        public List<string> Problems { get; } = cells.Length == heading.Length ? [] : [FormattableString.Invariant($"{place}: {cells.Length} cells; the heading has {heading.Length}")];

        public string Text(string column) => Array.IndexOf(heading, column) is >= 0 and var at && at < cells.Length ? cells[at] : "";

        public double Number(string column, double missing)
        {
            var text = Text(column);
            if (text.Length == 0 && !double.IsNaN(missing))
            {
                return missing;
            }

            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            {
                return number;
            }

            Problems.Add($"{place}: {column}: '{text}' is no number");
            return 0;
        }

        public DateTimeOffset Moment(string column)
        {
            if (DateTimeOffset.TryParse(Text(column), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment))
            {
                return moment;
            }

            Problems.Add($"{place}: {column}: '{Text(column)}' is no moment; allowed: 2027-01-31, or 2027-01-31T12:00:00Z");
            return default;
        }

        public bool Flag(string column)
        {
            switch (Text(column))
            {
                case "true" or "yes" or "1":
                    return true;
                case "" or "false" or "no" or "0":
                    return false;
                default:
                    Problems.Add($"{place}: {column}: '{Text(column)}' is neither true nor false");
                    return false;
            }
        }
    }
}
