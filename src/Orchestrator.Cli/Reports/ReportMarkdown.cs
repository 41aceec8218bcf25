using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Events;

namespace Orchestrator.Cli.Reports;

/// <summary>The report for people: what ran, a table, losses and recoveries, and the comparison.</summary>
internal static class ReportMarkdown
{
    public const string FileName = "report.md";

    public static void Write(RunRecord record, TextWriter output)
    {
        output.WriteLine($"# {Escape(record.Title)}");
        output.WriteLine();
        output.WriteLine(WhatRan(record));
        foreach (var note in record.Notes)
        {
            output.WriteLine();
            output.WriteLine(Escape(note));
        }

        WriteTable(record, output);
        WriteReasons(record, output);
        WriteLosses(record, output);
        foreach (var scenario in record.Scenarios)
        {
            WriteComparison(scenario, output);
        }

        output.WriteLine();
        output.WriteLine("## Files");
        output.WriteLine();
        output.WriteLine($"`{TimelineSvg.FileName}` and `{TimelineJson.FileName}`: attempts by node. `{GraphDot.FileName}`: stages and dependencies. `{UsageCsv.FileName}`: use of each attempt.");
    }

    /// <summary>One row for each simulation, as the table's cells, the heading first.</summary>
    public static ImmutableArray<ImmutableArray<string>> Table(RunRecord record) =>
    [
        ["simulation", "state", "attempts", "checkpoints", "steps again", "wall time"],
        .. record.Simulations.Select(simulation => ImmutableArray.Create(
            NameOf(simulation),
            ReportText.Word(simulation.Status.ToString()),
            ReportText.Count(simulation.Stages.Sum(static stage => stage.Attempts)),
            ReportText.Count(simulation.Stages.Sum(static stage => stage.CheckpointsMade)),
            ReportText.Count(simulation.Stages.Sum(static stage => stage.StepsAgain)),
            simulation.StartedAt is { } start ? DurationWords.Of((simulation.EndedAt ?? record.WrittenAt) - start) : "not started")),
    ];

    public static string NameOf(SimulationView simulation) => simulation.Name.Length > 0 ? simulation.Name : simulation.Id.Value;

    private static string WhatRan(RunRecord record)
    {
        var attempts = record.Attempts();
        var coreTime = attempts.Aggregate(TimeSpan.Zero, static (sum, attempt) => sum + attempt.Use.CoreTime);
        var states = record.Simulations.GroupBy(static simulation => simulation.Status).OrderBy(static group => group.Key)
            .Select(static group => $"{ReportText.Count(group.Count())} {ReportText.Word(group.Key.ToString())}");
        var nodes = attempts.SelectMany(static attempt => attempt.Nodes).Select(static node => node.Value).Distinct().Count();
        return string.Create(CultureInfo.InvariantCulture, $"{ReportText.Of(record.Simulations.Length, "simulation")} ({string.Join(", ", states)}) with {ReportText.Of(record.Simulations.Sum(static simulation => simulation.Stages.Length), "stage")} on {ReportText.Of(nodes, "node")}, {ReportText.Of(attempts.Length, "attempt")}, from {ReportText.Moment(record.Start)} to {ReportText.Moment(record.End)} ({DurationWords.Of(record.End - record.Start)}); {coreTime.TotalHours:0.###} core-hours.");
    }

    private static void WriteTable(RunRecord record, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("## Simulations");
        output.WriteLine();
        WriteRows(Table(record), output);
    }

    private static void WriteReasons(RunRecord record, TextWriter output)
    {
        var reasons = record.Simulations.Where(static simulation => simulation.Status != Core.Simulations.SimulationStatus.Completed && simulation.Reason is not null).ToArray();
        if (reasons.Length == 0)
        {
            return;
        }

        output.WriteLine();
        foreach (var simulation in reasons)
        {
            output.WriteLine($"- {Escape(NameOf(simulation))}: {Escape(simulation.Reason!)}");
        }
    }

    private static void WriteLosses(RunRecord record, TextWriter output)
    {
        var names = record.Simulations.ToDictionary(static simulation => simulation.Id, NameOf);
        var losses = Losses.Of(record.Events, id => names.GetValueOrDefault(id) ?? id.Value);
        output.WriteLine();
        output.WriteLine("## Losses and recoveries");
        output.WriteLine();
        if (losses.Length == 0)
        {
            output.WriteLine("No attempt was lost.");
        }

        foreach (var loss in losses)
        {
            output.WriteLine($"- {DurationWords.Of(loss.At - record.Start)}: {Escape(loss.Tell())}.");
        }
    }

    private static void WriteComparison(ScenarioView scenario, TextWriter output)
    {
        var definition = scenario.Definition;
        var metrics = scenario.Variants.SelectMany(static variant => variant.Metrics.Keys).Distinct().Order(StringComparer.Ordinal).ToArray();
        output.WriteLine();
        output.WriteLine($"## Comparison {Escape(definition.Campaign)}");
        output.WriteLine();
        output.WriteLine(definition.Metric is { } metric
            ? $"Ranked by the mean of {Escape(metric)} over the members; {(definition.HigherIsBetter ? "higher" : "lower")} is better."
            : "Not ranked: the campaign names no objective.");
        output.WriteLine();
        WriteRows(
            [
                ["scenario", "rank", "members", .. metrics],
                .. scenario.Variants.Select(variant => ImmutableArray.CreateRange(
                [
                    variant.Name,
                    variant.Rank > 0 ? ReportText.Count(variant.Rank) : "",
                    ReportText.Count(variant.Members.Length),
                    .. metrics.Select(name => variant.Metrics.TryGetValue(name, out var summary) ? $"{ReportText.Value(summary.Mean)} ± {ReportText.Value(summary.StandardDeviation)}" : ""),
                ])),
            ],
            output);
    }

    private static void WriteRows(ImmutableArray<ImmutableArray<string>> rows, TextWriter output)
    {
        for (var index = 0; index < rows.Length; index++)
        {
            output.WriteLine($"| {string.Join(" | ", rows[index].Select(Escape))} |");
            if (index == 0)
            {
                output.WriteLine("|" + string.Concat(Enumerable.Repeat("---|", rows[0].Length)));
            }
        }
    }

    /// <summary>Text as text: nothing in it is markup.</summary>
    private static string Escape(string text) =>
        string.Concat(text.Select(static letter => letter switch
        {
            '\\' or '`' or '*' or '_' or '|' or '[' or ']' or '#' => $"\\{letter}",
            '<' => "&lt;",
            '>' => "&gt;",
            '&' => "&amp;",
            '\r' or '\n' => " ",
            _ => letter.ToString(),
        }));
}
