using Orchestrator.Core.Forecasting;

namespace Orchestrator.Core.Reports;

/// <summary>Says in a copy of a report which of its recommendations were carried out, and what came of them.</summary>
public static class ReportMarks
{
    internal const string ImplementedAt = "implemented_at";
    internal const string ActualImpact = "actual_impact";

    /// <param name="report">Of recommendations.</param>
    /// <param name="subject">For what it was recommended, as the report names it.</param>
    /// <param name="resource">Of which resource.</param>
    /// <param name="at">When it was carried out.</param>
    /// <param name="impact">What came of it, as the one who did it measures; null: not known.</param>
    /// <returns>The report with the mark, and with an id of its own.</returns>
    /// <exception cref="ForecastException">The report recommends no such thing, of which those that it does are named; or the impact is no number.</exception>
    public static Report Implemented(Report report, string subject, string resource, DateTimeOffset at, double? impact)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (impact is { } said && !double.IsFinite(said))
        {
            throw new ForecastException(FormattableString.Invariant($"the impact is {said}; allowed: a finite number"));
        }

        var table = report.Kind == ReportKind.Recommendation ? report.Tables.FirstOrDefault(static table => table.Columns.Contains(ImplementedAt)) : null;
        if (table is null)
        {
            throw new ForecastException($"{report.Id} is no report of recommendations; allowed: one that `report recommendation` made");
        }

        var row = -1;
        for (var place = 0; place < table.Rows.Length; place++)
        {
            row = (table.Rows[place][0] as string, table.Rows[place][1] as string) == (subject, resource) ? place : row;
        }

        if (row < 0)
        {
            throw new ForecastException($"{report.Id} recommends no {resource} for {subject}; allowed: {string.Join("; ", table.Rows.Take(20).Select(static one => $"{one[0]} {one[1]}"))}");
        }

        var cells = table.Rows[row].SetItem(table.Columns.IndexOf(ImplementedAt), at).SetItem(table.Columns.IndexOf(ActualImpact), impact);
        var marked = table with { Rows = table.Rows.SetItem(row, cells) };
        return Reporter.Named(report with { Tables = report.Tables.Replace(table, marked) });
    }
}
