using System.Collections.Immutable;

namespace Orchestrator.Core.Reports;

/// <summary>What a report is about.</summary>
public enum ReportKind
{
    Absent = 0,
    Utilization = 1,
    Forecast = 2,
    Efficiency = 3,
    Comparison = 4,
    Grant = 5,
    Capacity = 6,
    Recommendation = 7,
    Health = 8,
    Timeline = 9,
}

/// <summary>A report before it is written in any format. The same content gives the same bytes.</summary>
public sealed record Report
{
    /// <summary>Of what it says: two reports with one id say the same.</summary>
    public string Id { get; init; } = "";

    public ReportKind Kind { get; init; }

    public string Title { get; init; } = "";

    /// <summary>Up to when it knows; the end of what was measured.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>What stands out; sentences, the most important first.</summary>
    public ImmutableArray<string> Summary { get; init; } = [];

    /// <summary>The first is the one that tables of other programs want.</summary>
    public ImmutableArray<ReportTable> Tables { get; init; } = [];

    public ImmutableArray<ReportPlot> Plots { get; init; } = [];

    public ImmutableArray<ReportBars> Bars { get; init; } = [];

    /// <summary>What was wrong with the data, and how it was measured; sentences.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}

/// <summary>Rows of strings, numbers, moments and nothing.</summary>
public sealed record ReportTable
{
    public string Name { get; init; } = "";

    /// <summary>Names as programs want them: <c>cpu_forecast</c>.</summary>
    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>Each with a cell for each column: a string, a double, a <see cref="DateTimeOffset"/>, a bool, or null.</summary>
    public ImmutableArray<ImmutableArray<object?>> Rows { get; init; } = [];
}

/// <summary>Lines over time.</summary>
public sealed record ReportPlot
{
    public string Title { get; init; } = "";

    public string Unit { get; init; } = "";

    public ImmutableArray<ReportLine> Lines { get; init; } = [];
}

/// <summary>One line, with a band around it where <see cref="Lower"/> and <see cref="Upper"/> have as many values.</summary>
public sealed record ReportLine
{
    public string Name { get; init; } = "";

    public ImmutableArray<DateTimeOffset> Times { get; init; } = [];

    public ImmutableArray<double> Values { get; init; } = [];

    public ImmutableArray<double> Lower { get; init; } = [];

    public ImmutableArray<double> Upper { get; init; } = [];

    public bool IsDashed { get; init; }
}

/// <summary>Bars over time, one below the other: what was planned, and what came or is expected.</summary>
public sealed record ReportBars
{
    public string Title { get; init; } = "";

    /// <summary>The present: what is behind it is not certain.</summary>
    public DateTimeOffset At { get; init; }

    public ImmutableArray<ReportBar> Rows { get; init; } = [];
}

/// <summary>One row of them.</summary>
public sealed record ReportBar
{
    public string Name { get; init; } = "";

    public DateTimeOffset PlannedFrom { get; init; }

    public DateTimeOffset PlannedUntil { get; init; }

    public DateTimeOffset From { get; init; }

    public DateTimeOffset Until { get; init; }

    /// <summary>The end lies between this</summary>
    public DateTimeOffset Earliest { get; init; }

    /// <summary>and this.</summary>
    public DateTimeOffset Latest { get; init; }

    /// <summary>It decides the end of the whole.</summary>
    public bool IsCritical { get; init; }
}
