using System.Globalization;

namespace Orchestrator.Cli.Reports;

/// <summary>What each attempt used, a line each (RFC 4180).</summary>
internal static class UsageCsv
{
    public const string FileName = "usage.csv";

    public static void Write(RunRecord record, TextWriter output)
    {
        output.Write("simulation,stage,epoch,nodes,start,end,end_reason,wall_seconds,cpu_seconds,core_seconds,gpu_seconds,peak_memory_bytes,bytes_read,bytes_written\r\n");
        foreach (var attempt in record.Attempts())
        {
            string[] cells =
            [
                attempt.Attempt.Simulation.Value,
                attempt.Attempt.Stage,
                Number(attempt.Attempt.Epoch),
                string.Join(' ', attempt.Nodes.Select(static node => ReportText.Node(node.Value))),
                Moment(attempt.StartedAt),
                Moment(attempt.EndedAt),
                attempt.EndedAt is null ? "" : ReportText.Word(attempt.End.ToString()),
                Seconds(attempt.Use.WallTime),
                Seconds(attempt.Use.CpuTime),
                Seconds(attempt.Use.CoreTime),
                Seconds(attempt.Use.GpuTime),
                Number(attempt.Use.PeakMemory),
                Number(attempt.Use.BytesRead),
                Number(attempt.Use.BytesWritten),
            ];
            output.Write(string.Join(',', cells.Select(Cell)) + "\r\n");
        }
    }

    private static string Cell(string text) => text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    private static string Moment(DateTimeOffset? moment) => moment?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) ?? "";

    private static string Seconds(TimeSpan span) => span.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
