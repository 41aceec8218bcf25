using System.Globalization;

namespace Orchestrator.Core.Reports;

/// <summary>Draws bars over time as SVG: what was planned thin and grey, what came or is expected thick, its uncertain end as a line; static, without scripts.</summary>
public static class SvgBars
{
    private const double Width = 860, Left = 190, Right = 16, Top = 34, Row = 26;

    /// <summary>Letters that fit beside the bars.</summary>
    private const int NameMax = 29;

    /// <summary>So many rows are drawn; the tables have all.</summary>
    private const int RowsMax = 400;

    /// <param name="output">Gets it.</param>
    /// <param name="bars">What to draw.</param>
    /// <param name="isFile">It stands alone, not inside a page.</param>
    public static void Write(TextWriter output, ReportBars bars, bool isFile)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(bars);
        var rows = bars.Rows.Length > RowsMax ? bars.Rows[..RowsMax] : bars.Rows;
        var from = rows.Length == 0 ? bars.At : rows.Min(static row => row.PlannedFrom < row.From ? row.PlannedFrom : row.From);
        var until = rows.Length == 0 ? bars.At : rows.Max(static row => row.PlannedUntil > row.Latest ? row.PlannedUntil : row.Latest);
        var span = Math.Max(1, (until - from).TotalSeconds);
        var height = Top + (Row * rows.Length) + 30;
        double X(DateTimeOffset time) => Left + (Math.Clamp((time - from).TotalSeconds / span, 0, 1) * (Width - Left - Right));

        var space = isFile ? " xmlns=\"http://www.w3.org/2000/svg\"" : "";
        output.Write(Invariant($"<svg{space} viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"{ReportWriter.Escaped(bars.Title)}\" font-family=\"sans-serif\" font-size=\"11\">\n"));
        output.Write(Invariant($"<text x=\"8\" y=\"14\">{ReportWriter.Escaped(bars.Title)}</text>\n"));
        var format = span < 3 * 86_400 ? "MM-dd HH:mm" : span < 800 * 86_400.0 ? "yyyy-MM-dd" : "yyyy-MM";
        for (var tick = 0; tick <= 4; tick++)
        {
            var time = from.AddSeconds(span * tick / 4);
            output.Write(Invariant($"<line x1=\"{X(time):0.#}\" x2=\"{X(time):0.#}\" y1=\"{Top - 6}\" y2=\"{height - 24}\" stroke=\"#d8dee4\"/><text x=\"{X(time):0.#}\" y=\"{height - 10}\" text-anchor=\"{(tick == 0 ? "start" : tick == 4 ? "end" : "middle")}\">{time.UtcDateTime.ToString(format, CultureInfo.InvariantCulture)}</text>\n"));
        }

        for (var at = 0; at < rows.Length; at++)
        {
            var (row, y) = (rows[at], Top + (at * Row));
            var colour = row.IsCritical ? "#d55e00" : "#0072b2";
            var name = row.Name.Length <= NameMax ? row.Name : $"…{row.Name.AsSpan(row.Name.Length - NameMax + 1)}";
            output.Write(Invariant($"<text x=\"{Left - 8}\" y=\"{y + 14}\" text-anchor=\"end\">{ReportWriter.Escaped(name)}{SvgPlot.Whole(row.Name, name)}</text>"));
            output.Write(Invariant($"<rect x=\"{X(row.PlannedFrom):0.#}\" y=\"{y + 17}\" width=\"{Math.Max(1, X(row.PlannedUntil) - X(row.PlannedFrom)):0.#}\" height=\"4\" fill=\"#8c959f\"/>"));
            var known = row.Until < bars.At ? row.Until : row.From < bars.At ? bars.At : row.From;
            output.Write(Invariant($"<rect x=\"{X(row.From):0.#}\" y=\"{y + 4}\" width=\"{Math.Max(1, X(known) - X(row.From)):0.#}\" height=\"11\" fill=\"{colour}\"/>"));
            if (row.Until > known)
            {
                output.Write(Invariant($"<rect x=\"{X(known):0.#}\" y=\"{y + 4}\" width=\"{Math.Max(1, X(row.Until) - X(known)):0.#}\" height=\"11\" fill=\"{colour}\" fill-opacity=\"0.4\"/>"));
            }

            if (row.Latest > row.Earliest)
            {
                output.Write(Invariant($"<line x1=\"{X(row.Earliest):0.#}\" x2=\"{X(row.Latest):0.#}\" y1=\"{y + 9.5}\" y2=\"{y + 9.5}\" stroke=\"{colour}\" stroke-width=\"1.5\"/>"));
            }

            output.Write("\n");
        }

        if (bars.At > from && bars.At < until)
        {
            output.Write(Invariant($"<line x1=\"{X(bars.At):0.#}\" x2=\"{X(bars.At):0.#}\" y1=\"{Top - 6}\" y2=\"{height - 24}\" stroke=\"#000000\" stroke-dasharray=\"3 3\"/>\n"));
        }

        output.Write("</svg>\n");
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
