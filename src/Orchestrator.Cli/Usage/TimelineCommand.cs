using System.CommandLine;
using Orchestrator.Cli.Commands;
using Orchestrator.Core.Forecasting.Completion;
using Orchestrator.Core.Reports;

namespace Orchestrator.Cli.Usage;

/// <summary><c>orchestrator timeline NAME</c>: when stages were to run, are expected to, and did.</summary>
internal static class TimelineCommand
{
    /// <summary>Of a campaign so many simulations are looked at: each is a question of its own.</summary>
    private const int SimulationsMax = 500;

    private static readonly string[] Formats = ["text", "json", "csv", "markdown", "html", "svg"];

    public static Command Create()
    {
        var name = CommonOptions.Name();
        var format = new Option<string>("--format") { Description = "How it is written; svg is the drawing alone, html one page with it inside.", HelpName = string.Join('|', Formats), DefaultValueFactory = static _ => "text" };
        var output = new Option<string?>("--out") { Description = "Write it here; the ending .json, .csv, .md, .html, .svg or .txt chooses the format.", HelpName = "FILE" };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        format.AcceptOnlyFromAmong(Formats);
        var command = new DocumentedCommand(
            "timeline", "Expected against actual: when each stage was to run, is expected to with how sure that is, and did; and which stages make the end later, by how much.",
            ["orchestrator timeline s-co2-ensemble-control-1", "orchestrator timeline co2-ensemble --out timeline.html", "orchestrator timeline co2-ensemble --format csv"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        {
            name, format, output, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var chosen = context.Json ? ReportFormat.Json : ReportFiles.FormatOf(parsed.GetRequiredValue(format), parsed.GetResult(format) is { Implicit: false }, parsed.GetValue(output));
            using var client = context.Connect();
            var target = await Target.FindAsync(client, parsed.GetRequiredValue(name), cancellationToken);
            var simulations = target.Campaign?.Simulations ?? [target.Simulation!.Id];
            var timelines = new List<SimulationTimeline>();
            foreach (var simulation in simulations.Take(SimulationsMax))
            {
                // Of many the queue is played forward once for each: only for one it is worth it.
                timelines.Add(await client.GetTimelineAsync(simulation, withQueue: simulations.Length == 1, cancellationToken));
            }

            var report = TimelineReporter.Make(target.Campaign?.Name ?? target.Simulation!.Id.Value, timelines, context.Clock.GetUtcNow());
            if (simulations.Length > SimulationsMax)
            {
                report = report with { Notes = report.Notes.Add(FormattableString.Invariant($"{simulations.Length - SimulationsMax} more simulations are left out: ask for them by their ids")) };
            }

            ReportFiles.Write(context, report, chosen, parsed.GetValue(output));
            return ExitCodes.Success;
        }));
        return command;
    }
}
