using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.Core.Reports;

/// <summary>Writes a report as text, JSON, CSV, Markdown, its drawing as SVG, or one HTML page with all its plots inside, which loads nothing from anywhere.</summary>
public static class ReportWriter
{
    private const string Css = "body{font:15px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem}"
        + "table{border-collapse:collapse;width:100%;font-size:13px}th,td{padding:.25rem .6rem;border-bottom:1px solid #d8dee4;text-align:left}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
        + "svg{width:100%;height:auto}.note{color:#57606a;font-size:13px}@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}th,td{border-color:#30363d}svg{background:#fff}}";

    public static void Write(TextWriter output, Report report, ReportFormat format)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(report);
        switch (format)
        {
            case ReportFormat.Json:
                Json(output, report);
                break;
            case ReportFormat.Csv:
                Csv(output, report);
                break;
            case ReportFormat.Markdown:
                Markdown(output, report);
                break;
            case ReportFormat.Html:
                Html(output, report);
                break;
            case ReportFormat.Svg when report.Bars.IsEmpty && !report.Plots.IsEmpty:
                SvgPlot.Write(output, report.Plots[0], isFile: true);
                break;
            case ReportFormat.Svg:
                SvgBars.Write(output, report.Bars.FirstOrDefault() ?? new ReportBars { Title = report.Title }, isFile: true);
                break;
            default:
                Text(output, report);
                break;
        }
    }

    private static void Json(TextWriter output, Report report)
    {
        using var content = new MemoryStream();
        using (var json = new Utf8JsonWriter(content, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("id", report.Id);
            json.WriteString("kind", NameOf(report.Kind));
            json.WriteString("title", report.Title);
            json.WriteString("at", report.At);
            Strings(json, "summary", report.Summary);
            json.WriteStartObject("tables");
            foreach (var table in report.Tables)
            {
                json.WriteStartArray(table.Name);
                foreach (var row in table.Rows)
                {
                    json.WriteStartObject();
                    for (var column = 0; column < table.Columns.Length; column++)
                    {
                        json.WritePropertyName(table.Columns[column]);
                        Value(json, row[column]);
                    }

                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
            Strings(json, "notes", report.Notes);
            json.WriteEndObject();
        }

        output.Write(Encoding.UTF8.GetString(content.GetBuffer(), 0, (int)content.Length));
        output.Write('\n');
    }

    private static void Strings(Utf8JsonWriter json, string name, ImmutableArray<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void Value(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case DateTimeOffset moment:
                json.WriteStringValue(moment);
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }

    /// <summary>The tables, one after the other; where there are several, each after a line with its name.</summary>
    private static void Csv(TextWriter output, Report report)
    {
        foreach (var table in report.Tables)
        {
            if (report.Tables.Length > 1)
            {
                output.Write($"{(table == report.Tables[0] ? "" : "\n")}# {table.Name}\n");
            }

            output.Write(string.Join(',', table.Columns.Select(Quoted)) + "\n");
            foreach (var row in table.Rows)
            {
                output.Write(string.Join(',', row.Select(static cell => Quoted(Plain(cell)))) + "\n");
            }
        }
    }

    private static void Markdown(TextWriter output, Report report)
    {
        output.Write($"# {Marked(report.Title)}\n\n");
        foreach (var line in report.Summary)
        {
            output.Write($"- {Marked(line)}\n");
        }

        foreach (var table in report.Tables)
        {
            output.Write($"\n## {Words(table.Name)}\n\n| {string.Join(" | ", table.Columns.Select(Words))} |\n|{string.Concat(table.Columns.Select((_, column) => IsNumber(table, column) ? "---:|" : "---|"))}\n");
            foreach (var row in table.Rows)
            {
                output.Write($"| {string.Join(" | ", row.Select(static cell => Marked(Shown(cell)).Replace("|", "\\|", StringComparison.Ordinal)))} |\n");
            }
        }

        output.Write(report.Notes.IsEmpty ? "" : "\n" + string.Concat(report.Notes.Select(static note => $"> {Marked(note)}\n")));
        output.Write($"\n<sub>{report.Id}, up to {report.At.UtcDateTime:yyyy-MM-dd HH:mm} UTC</sub>\n");
    }

    private static void Text(TextWriter output, Report report)
    {
        output.Write($"{report.Title}\n");
        foreach (var line in report.Summary)
        {
            output.Write($"  {line}\n");
        }

        foreach (var table in report.Tables)
        {
            var rows = table.Rows.Select(static row => row.Select(Shown).ToArray()).Prepend([.. table.Columns.Select(static column => Words(column).ToUpperInvariant())]).ToArray();
            var widths = table.Columns.Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
            output.Write($"\n{Words(table.Name)}\n");
            foreach (var row in rows)
            {
                output.Write("  " + string.Join("  ", row.Select((cell, column) => IsNumber(table, column) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd() + "\n");
            }
        }

        output.Write(report.Notes.IsEmpty ? "" : "\n" + string.Concat(report.Notes.Select(static note => $"  {note}\n")));
    }

    private static void Html(TextWriter output, Report report)
    {
        output.Write($"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{Escaped(report.Title)}</title><style>{Css}</style></head><body>\n");
        output.Write($"<h1>{Escaped(report.Title)}</h1>\n");
        if (!report.Summary.IsEmpty)
        {
            output.Write($"<ul>{string.Concat(report.Summary.Select(static line => $"<li>{Escaped(line)}</li>"))}</ul>\n");
        }

        foreach (var plot in report.Plots)
        {
            output.Write($"<h2>{Escaped(plot.Title)}</h2>\n");
            SvgPlot.Write(output, plot);
        }

        foreach (var bars in report.Bars)
        {
            output.Write($"<h2>{Escaped(bars.Title)}</h2>\n");
            SvgBars.Write(output, bars, isFile: false);
        }

        foreach (var table in report.Tables)
        {
            output.Write($"<h2>{Escaped(Words(table.Name))}</h2>\n<table><thead><tr>{string.Concat(table.Columns.Select((name, column) => $"<th{Side(table, column)}>{Escaped(Words(name))}</th>"))}</tr></thead><tbody>\n");
            foreach (var row in table.Rows)
            {
                output.Write($"<tr>{string.Concat(row.Select((cell, column) => $"<td{Side(table, column)}>{Escaped(Shown(cell))}</td>"))}</tr>\n");
            }

            output.Write("</tbody></table>\n");
        }

        output.Write(string.Concat(report.Notes.Select(static note => $"<p class=\"note\">{Escaped(note)}</p>\n")));
        output.Write($"<p class=\"note\">{Escaped(report.Id)}, up to {report.At.UtcDateTime:yyyy-MM-dd HH:mm} UTC</p>\n</body></html>\n");
    }

    /// <summary>As users name it.</summary>
    public static string NameOf(ReportKind kind) => kind.ToString().ToLowerInvariant();

    internal static string Escaped(string text) => WebUtility.HtmlEncode(text);

    /// <summary>So that it is at most so long; for drawings.</summary>
    internal static string Shortened(string text, int characters) => text.Length <= characters ? text : $"{text.AsSpan(0, Math.Max(0, characters - 1))}…";

    /// <summary>As it is, where Markdown is shown: no name of a user begins a tag, and none ends a line.</summary>
    private static string Marked(string text) => text.ReplaceLineEndings(" ").Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);

    private static string Side(ReportTable table, int column) => IsNumber(table, column) ? " class=\"n\"" : "";

    private static bool IsNumber(ReportTable table, int column) => table.Rows.Any(row => row[column] is double) && table.Rows.All(row => row[column] is double or null);

    private static string Words(string name) => name.Replace('_', ' ');

    /// <summary>For people.</summary>
    private static string Shown(object? cell) => cell switch
    {
        double number when !double.IsFinite(number) => "-",
        double number => number.ToString(Math.Abs(number) >= 1000 ? "#,0" : Math.Abs(number) >= 10 ? "0.#" : "0.###", CultureInfo.InvariantCulture),
        DateTimeOffset moment => moment.UtcDateTime.ToString(moment.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
        bool flag => flag ? "yes" : "no",
        null => "-",
        _ => (string)cell,
    };

    /// <summary>For programs.</summary>
    private static string Plain(object? cell) => cell switch
    {
        double number when double.IsFinite(number) => number.ToString("R", CultureInfo.InvariantCulture),
        DateTimeOffset moment => moment.UtcDateTime.ToString(moment.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        string text => text,
        _ => "",
    };

    private static string Quoted(string cell) => cell.AsSpan().IndexOfAny(",\"\n\r") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
