using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Core.Forecasting.Planning;

/// <summary>
/// Grants in a table with the columns <c>grant, allocation, from, until</c>, and for each date at which the agency takes hours back a line more with <c>pull_back, used_at_least, takes</c> (takes: of what is missing; 1
/// where it is empty). <c>project</c> and <c>simulation</c> say what counts against a grant, each line one more; without them everything does. <c>cost_per_hour</c> is what an hour costs. Dates are
/// <c>2024-07-01</c>, UTC; <c>until</c> is the last day that counts, and a pull-back takes what is there when its day begins.
/// </summary>
public static class GrantTable
{
    private static readonly string[] Columns = ["grant", "allocation", "from", "until", "pull_back", "used_at_least", "takes", "project", "simulation", "cost_per_hour"];

    /// <exception cref="ForecastException">Everything that is wrong, with its line and column.</exception>
    public static ImmutableArray<Grant> Read(TextReader text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        var heading = (text.ReadLine() ?? "").Split(',').Select(static cell => cell.Trim()).ToArray();
        var problems = new List<string>();
        problems.AddRange(Columns[..4].Where(column => !heading.Contains(column)).Select(column => $"{name}:1: there is no column '{column}'; allowed: {string.Join(", ", Columns)}"));
        problems.AddRange(heading.Where(column => !Columns.Contains(column)).Select(column => $"{name}:1: '{column}' is no column of grants; allowed: {string.Join(", ", Columns)}"));
        if (problems.Count > 0)
        {
            throw new ForecastException(string.Join(Environment.NewLine, problems));
        }

        var grants = new Dictionary<string, Grant>(StringComparer.Ordinal);
        for (var line = 2; text.ReadLine() is { } row; line++)
        {
            if (string.IsNullOrWhiteSpace(row))
            {
                continue;
            }

            var cells = row.Split(',').Select(static cell => cell.Trim()).ToArray();
            if (cells.Length != heading.Length)
            {
                problems.Add(FormattableString.Invariant($"{name}:{line}: {cells.Length} cells; the heading has {heading.Length}"));
                continue;
            }

            string Cell(string column) => Array.IndexOf(heading, column) is >= 0 and var at ? cells[at] : "";
            double Number(string column, double missing)
            {
                if (Cell(column).Length == 0 && !double.IsNaN(missing))
                {
                    return missing;
                }

                if (double.TryParse(Cell(column), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
                {
                    return number;
                }

                problems.Add(FormattableString.Invariant($"{name}:{line}: {column}: '{Cell(column)}' is no number"));
                return 0;
            }

            DateTimeOffset Date(string column)
            {
                if (DateTimeOffset.TryParse(Cell(column), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date))
                {
                    return date;
                }

                problems.Add(FormattableString.Invariant($"{name}:{line}: {column}: '{Cell(column)}' is no date; allowed: 2024-07-01"));
                return default;
            }

            // Agencies name the last day; who names an hour means that.
            DateTimeOffset End(string column)
            {
                var end = Date(column);
                return Cell(column).Contains(':', StringComparison.Ordinal) || end > DateTimeOffset.MaxValue.AddDays(-1) ? end : end.AddDays(1);
            }

            var before = problems.Count;
            var grant = new Grant { Name = Cell("grant"), Allocation = Number("allocation", double.NaN), From = Date("from"), Until = End("until"), CostPerUnit = Cell("cost_per_hour").Length > 0 ? Number("cost_per_hour", double.NaN) : null };
            var pullBack = Cell("pull_back").Length > 0 ? new PullBack(Date("pull_back"), Number("used_at_least", double.NaN), Number("takes", 1)) : (PullBack?)null;
            if (problems.Count > before)
            {
                continue;
            }

            if (grants.TryGetValue(grant.Name, out var known) && (known.Allocation != grant.Allocation || known.From != grant.From || known.Until != grant.Until))
            {
                problems.Add(FormattableString.Invariant($"{name}:{line}: '{grant.Name}' has another allocation or other dates than in a line before"));
                continue;
            }

            known ??= grant;
            if (known.CostPerUnit is { } cost && grant.CostPerUnit is { } other && cost != other)
            {
                problems.Add(FormattableString.Invariant($"{name}:{line}: cost_per_hour: '{grant.Name}' costs {other} here, and {cost} in a line before"));
                continue;
            }

            known = known with { CostPerUnit = known.CostPerUnit ?? grant.CostPerUnit, Projects = With(known.Projects, Cell("project")), Simulations = With(known.Simulations, Cell("simulation")) };
            grants[grant.Name] = pullBack is { } each ? known with { PullBacks = known.PullBacks.Add(each) } : known;
        }

        problems.AddRange(grants.Values.SelectMany(static grant => grant.Problems()));
        return problems.Count > 0 ? throw new ForecastException(string.Join(Environment.NewLine, problems))
            : grants.Count == 0 ? throw new ForecastException($"{name}: there is no grant in it")
            : [.. grants.Values];
    }

    private static ImmutableArray<string> With(ImmutableArray<string> names, string name) => name.Length == 0 || names.Contains(name) ? names : names.Add(name);
}
