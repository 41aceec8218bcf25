using System.Globalization;

namespace Orchestrator.Core.Reports;

/// <summary>Draws lines over time as SVG, with axes, bands and a legend; static, without scripts.</summary>
public static class SvgPlot
{
    private const double Width = 860, Height = 300, Left = 72, Right = 16, Top = 28, Bottom = 36;

    /// <summary>Where the legend begins, how wide an entry is at most, its line, and a letter.</summary>
    private const double Legend = Left + 120, EntryMax = 200, Stroke = 28, Letter = 6.2;

    /// <summary>Told apart by those too who see few colours (Okabe and Ito, 2008).</summary>
    private static readonly string[] Colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

    /// <param name="output">Gets it.</param>
    /// <param name="plot">What to draw.</param>
    /// <param name="isFile">It stands alone, not inside a page.</param>
    public static void Write(TextWriter output, ReportPlot plot, bool isFile = false)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(plot);
        var times = plot.Lines.SelectMany(static line => line.Times).ToArray();
        var values = plot.Lines.SelectMany(static line => line.Values.Concat(line.Lower).Concat(line.Upper)).Where(double.IsFinite).ToArray();
        if (times.Length == 0 || values.Length == 0)
        {
            output.Write(isFile ? "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 860 40\"><text x=\"8\" y=\"24\">There is nothing to draw.</text></svg>\n" : "<p class=\"note\">There is nothing to draw.</p>\n");
            return;
        }

        var (from, until) = (times.Min(), times.Max());
        var span = Math.Max(1, (until - from).TotalSeconds);
        var (low, high) = (Math.Min(0, values.Min()), values.Max());
        var step = Nice((high - low) / 5);
        high = step * Math.Ceiling(high / step);
        high = high > low ? high : low + 1;
        double X(DateTimeOffset time) => Left + ((time - from).TotalSeconds / span * (Width - Left - Right));
        double Y(double value) => Height - Bottom - ((value - low) / (high - low) * (Height - Top - Bottom));

        output.Write(Invariant($"<svg{(isFile ? " xmlns=\"http://www.w3.org/2000/svg\"" : "")} viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{ReportWriter.Escaped(plot.Title)}\" font-family=\"sans-serif\" font-size=\"11\">\n"));
        for (var value = low; value <= high + (step / 2); value += step)
        {
            output.Write(Invariant($"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(value):0.#}\" y2=\"{Y(value):0.#}\" stroke=\"#d8dee4\"/><text x=\"{Left - 6}\" y=\"{Y(value) + 4:0.#}\" text-anchor=\"end\">{value:#,0.###}</text>\n"));
        }

        var format = span < 3 * 86_400 ? "MM-dd HH:mm" : span < 800 * 86_400.0 ? "yyyy-MM-dd" : "yyyy-MM";
        for (var tick = 0; tick <= 4; tick++)
        {
            var time = from.AddSeconds(span * tick / 4);
            output.Write(Invariant($"<text x=\"{X(time):0.#}\" y=\"{Height - Bottom + 18}\" text-anchor=\"{(tick == 0 ? "start" : tick == 4 ? "end" : "middle")}\">{time.UtcDateTime.ToString(format, CultureInfo.InvariantCulture)}</text>\n"));
        }

        output.Write(Invariant($"<text x=\"{Left}\" y=\"14\">{ReportWriter.Escaped(plot.Unit)}</text>\n"));
        var entry = Math.Min(EntryMax, (Width - Right - Legend) / plot.Lines.Length);
        for (var index = 0; index < plot.Lines.Length; index++)
        {
            var (line, colour) = (plot.Lines[index], Colours[index % Colours.Length]);
            if (line.Times.Length > 0 && line.Lower.Length == line.Times.Length && line.Upper.Length == line.Times.Length)
            {
                var there = line.Times.Select((time, at) => Invariant($"{X(time):0.#},{Y(line.Upper[at]):0.#}"));
                var back = line.Times.Select((time, at) => Invariant($"{X(time):0.#},{Y(line.Lower[at]):0.#}")).Reverse();
                output.Write($"<polygon points=\"{string.Join(' ', there.Concat(back))}\" fill=\"{colour}\" fill-opacity=\"0.15\"/>\n");
            }

            output.Write($"<polyline points=\"{string.Join(' ', line.Times.Select((time, at) => Invariant($"{X(time):0.#},{Y(line.Values[at]):0.#}")))}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\"{(line.IsDashed ? " stroke-dasharray=\"5 4\"" : "")}/>\n");
            var place = Legend + (index * entry);
            var name = ReportWriter.Shortened(line.Name, (int)((entry - Stroke) / Letter));
            output.Write(Invariant($"<line x1=\"{place:0.#}\" x2=\"{place + 18:0.#}\" y1=\"10\" y2=\"10\" stroke=\"{colour}\" stroke-width=\"2\"/><text x=\"{place + 23:0.#}\" y=\"14\">{ReportWriter.Escaped(name)}{Whole(line.Name, name)}</text>\n"));
        }

        output.Write("</svg>\n");
    }

    /// <summary>The name as it is, for whoever points at one that was shortened.</summary>
    internal static string Whole(string name, string shown) => name == shown ? "" : $"<title>{ReportWriter.Escaped(name)}</title>";

    /// <summary>1, 2 or 5 by a power of ten, not below the step.</summary>
    private static double Nice(double step)
    {
        if (!(step > 0))
        {
            return 1;
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        var part = step / power;
        return power * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
