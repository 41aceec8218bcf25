using System.Collections.Immutable;

namespace Orchestrator.Cli.Rehearsal;

/// <summary>What a rehearsal found.</summary>
internal sealed record RehearsalReport
{
    public string Campaign { get; init; } = "";

    public string Stage { get; init; } = "";

    /// <summary>What was smaller than in the campaign; "": nothing.</summary>
    public string Scaled { get; init; } = "";

    /// <summary>Nothing that was found is bad.</summary>
    public bool Passed => Findings.All(static finding => finding.Good);

    public ImmutableArray<RehearsalFinding> Findings { get; init; } = [];

    /// <summary>Files that were compared with those of the undisturbed run.</summary>
    public ImmutableArray<FileComparison> Files { get; init; } = [];

    /// <summary>Seconds that the program was held up by a checkpoint; null: it made none.</summary>
    public double? CheckpointSeconds { get; init; }

    /// <summary>Seconds from then until it was durable.</summary>
    public double? FlushSeconds { get; init; }

    public long CheckpointBytes { get; init; }

    /// <summary>Seconds between two checkpoints that are best by its cost, by the failures that are believed, and under the limits of the campaign; null: it made none.</summary>
    public double? RecommendedIntervalSeconds { get; init; }

    /// <summary>What is to be expected of months, as sentences.</summary>
    public ImmutableArray<string> Outlook { get; init; } = [];

    public void Write(TextWriter output)
    {
        output.WriteLine($"{Campaign}, stage {Stage}{(Scaled.Length == 0 ? "" : $" ({Scaled})")}");
        foreach (var finding in Findings)
        {
            output.WriteLine($"  {(finding.Good ? "ok " : "BAD")} {finding.Text}");
        }

        foreach (var line in Outlook)
        {
            output.WriteLine(line);
        }

        output.WriteLine(Passed ? "It is fit for months." : "It is not fit for months yet: see what is BAD.");
    }
}

/// <summary>One thing that was tried.</summary>
/// <param name="Subject">undisturbed, checkpoint, kill, leave, result.</param>
/// <param name="Good">It is as it should be.</param>
/// <param name="Text">What happened.</param>
internal sealed record RehearsalFinding(string Subject, bool Good, string Text);
