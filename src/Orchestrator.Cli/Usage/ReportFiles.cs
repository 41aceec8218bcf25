using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Replay;
using Orchestrator.Core.Reports;

namespace Orchestrator.Cli.Usage;

/// <summary>Where a report goes, and in which form.</summary>
internal static class ReportFiles
{
    /// <param name="name">The format by its name.</param>
    /// <param name="isAsked">Somebody asked for it; else the file's ending chooses.</param>
    /// <param name="path">The file; null: none.</param>
    /// <exception cref="CommandException">The ending names no format.</exception>
    public static ReportFormat FormatOf(string name, bool isAsked, string? path) =>
        isAsked || path is null ? Enum.Parse<ReportFormat>(name, ignoreCase: true) : Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".json" => ReportFormat.Json,
            ".csv" => ReportFormat.Csv,
            ".md" => ReportFormat.Markdown,
            ".html" or ".htm" => ReportFormat.Html,
            ".svg" => ReportFormat.Svg,
            ".txt" => ReportFormat.Text,
            var other => throw new CommandException($"--out {path}: the ending '{other}' names no format; allowed: .json, .csv, .md, .html, .svg, .txt, or --format", ExitCodes.Unreadable),
        };

    /// <param name="context">Says where to.</param>
    /// <param name="report">What to write; a copy of it is kept in the data directory.</param>
    /// <param name="format">How.</param>
    /// <param name="path">A file; null: the output.</param>
    /// <param name="isKept">It is such a copy.</param>
    public static void Write(CommandContext context, Report report, ReportFormat format, string? path, bool isKept = false)
    {
        if (!isKept)
        {
            ReportStore.Keep(context, report);
        }

        if (path is null)
        {
            ReportWriter.Write(context.Output, report, format);
            return;
        }

        using var file = new WholeFile(path);
        file.Write(output => ReportWriter.Write(output, report, format));
        file.Keep();
        context.Output.WriteLine($"{report.Id}: {path}");
    }
}
