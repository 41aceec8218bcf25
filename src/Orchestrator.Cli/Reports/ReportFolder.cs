using System.Text;

namespace Orchestrator.Cli.Reports;

/// <summary>Writes all files of a report; what is there is replaced file by file.</summary>
internal static class ReportFolder
{
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">A file must not be written.</exception>
    public static void Write(string folder, RunRecord record)
    {
        Directory.CreateDirectory(folder);
        var timeline = Timeline.Of(record);
        WriteFile(ReportMarkdown.FileName, output => ReportMarkdown.Write(record, output));
        WriteFile(TimelineSvg.FileName, output => TimelineSvg.Write(timeline, output));
        WriteFile(TimelineJson.FileName, output => TimelineJson.Write(timeline, output));
        WriteFile(GraphDot.FileName, output => GraphDot.Write(record, output));
        WriteFile(UsageCsv.FileName, output => UsageCsv.Write(record, output));

        void WriteFile(string name, Action<TextWriter> write)
        {
            using var output = new StreamWriter(Path.Combine(folder, name), append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
            write(output);
        }
    }
}
