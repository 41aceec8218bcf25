using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Scenarios.Reallocation;

namespace Orchestrator.Cli.Scenarios;

/// <summary><c>orchestrator scenarios show NAME</c>.</summary>
internal static class ScenarioShowCommand
{
    private const int ChangesMax = 10;

    public static DocumentedCommand Create()
    {
        var name = ScenarioName.Argument();
        var now = new Option<bool>("--now") { Description = "Think over priorities and shares first, whatever the interval." };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "show", "Show how scenarios are judged, what is advised or done, and why.", ["orchestrator scenarios show co2-ensemble", "orchestrator scenarios show co2-ensemble --now --json"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused) { name, now, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var id = ScenarioName.Parse(parsed.GetRequiredValue(name));
            var view = parsed.GetValue(now) ? await client.ReprioritizeAsync(id, cancellationToken: cancellationToken) : await client.GetScenarioAsync(id, cancellationToken);
            if (context.Json)
            {
                context.WriteJson(view);
            }
            else
            {
                Write(context, view, context.Clock.GetUtcNow());
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    private static void Write(CommandContext context, ScenarioView view, DateTimeOffset now)
    {
        var definition = view.Definition;
        context.Output.WriteLine(definition.Metric is { } metric
            ? $"{definition.Id}: by {metric}, {(definition.HigherIsBetter ? "higher" : "lower")} is better; steering: {Words.Status(definition.Steering)}"
            : $"{definition.Id}: no objective, so that nothing is ranked (compare: in the campaign file)");
        var table = new TextTable("RANK", "SCENARIO", "MEMBERS", "HELD", "SCORE", "CONFIDENCE", "PRIORITY", "TREND", "SHARE", "GOT", "RECOMMENDATION");
        var cores = new Dictionary<string, double> { ["cores"] = view.Received.Sum(static one => one.Cores) };
        foreach (var variant in view.Variants)
        {
            var assessment = view.Assessments.FirstOrDefault(one => one.Scenario == variant.Name) ?? new();
            table.Add(
                variant.Rank > 0 ? ReportText.Count(variant.Rank) : "-",
                variant.Name,
                ReportText.Count(variant.Members.Length),
                ReportText.Count(variant.Members.Count(member => view.Held.Contains(member.Simulation))),
                Number(assessment.Score),
                Number(assessment.Confidence),
                Number(view.Priorities.Of(variant.Name)) + (view.Priorities.Priorities.TryGetValue(variant.Name, out var priority) && priority.IsOverridden ? " (set)" : ""),
                view.Priorities.Trend(variant.Name, TimeSpan.FromDays(7), now) is { Points.Length: > 1 } trend ? trend.PerDay.ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture) : "-",
                view.Shares.TryGetValue(variant.Name, out var share) ? Number(share) : "-",
                view.Received.FirstOrDefault(one => one.Scenario == variant.Name) is { } got ? string.Create(CultureInfo.InvariantCulture, $"{Number(got.Received)} ({got.Cores} of {Shares.Of(view.Shares, cores, variant.Name, "cores"):0.#} cores)") : "-",
                assessment.Confidence > 0 ? Words.Status(assessment.Recommendation) : "no data yet");
        }

        table.Write(context.Output, context.Style);
        foreach (var assessment in view.Assessments.Where(static one => one.Confidence > 0))
        {
            context.Output.WriteLine();
            context.Output.WriteLine($"{assessment.Scenario}:");
            foreach (var criterion in assessment.Criteria)
            {
                context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {Words.Status(criterion.Criterion),-15} {(criterion.Score is { } score ? Number(score) : "  - ")}  {criterion.Reason}"));
            }
        }

        WritePairs(context, view);
        if (view.Advice.Length > 0)
        {
            context.Output.WriteLine();
            foreach (var line in view.Advice)
            {
                context.Output.WriteLine(line);
            }
        }

        if (view.Priorities.Changes.Length > 0)
        {
            context.Output.WriteLine();
            var changes = new TextTable("WHEN", "SCENARIO", "FROM", "TO", "WHY");
            foreach (var change in view.Priorities.Changes.TakeLast(ChangesMax))
            {
                changes.Add(Words.Time(change.At, now), change.Scenario, Number(change.Before), Number(change.After), $"{Words.Status(change.Reason)}{(change.By.Length > 0 ? $" by {change.By}" : "")}{(change.Note.Length > 0 ? $": {change.Note}" : "")}");
            }

            changes.Write(context.Output, context.Style);
        }
    }

    private static void WritePairs(CommandContext context, ScenarioView view)
    {
        if (view.Complementary.Length > 0)
        {
            context.Output.WriteLine();
            var pairs = new TextTable("COMPLEMENTARY", "WITH", "SCORE", "THE FIRST IS STRONGER IN", "THE SECOND IN");
            foreach (var pair in view.Complementary)
            {
                pairs.Add(pair.One, pair.Other, Number(pair.Score), string.Join(", ", pair.OneIsStronger.Select(static criterion => Words.Status(criterion))), string.Join(", ", pair.OtherIsStronger.Select(static criterion => Words.Status(criterion))));
            }

            pairs.Write(context.Output, context.Style);
        }

        foreach (var group in view.Alike)
        {
            context.Output.WriteLine($"Alike, so that one might do: {string.Join(", ", group)}");
        }
    }

    private static string Number(double value) => value.ToString("F2", CultureInfo.InvariantCulture);
}
