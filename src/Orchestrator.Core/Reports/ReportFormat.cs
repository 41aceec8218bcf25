namespace Orchestrator.Core.Reports;

/// <summary>How a report is written.</summary>
public enum ReportFormat
{
    Absent = 0,
    Text = 1,
    Json = 2,
    Csv = 3,
    Markdown = 4,
    Html = 5,

    /// <summary>The drawing alone.</summary>
    Svg = 6,
}
