using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Client;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator results NAME</c>: the published files, or what there is to be seen before they are, the comparison of scenarios, and the files of a report.</summary>
internal static class ResultsCommand
{
    public static Command Create()
    {
        var name = CommonOptions.Name();
        var folder = new Option<string?>("--out") { Description = "Write report, timeline, graph and usage into this folder, which is made.", HelpName = "FOLDER" };
        var previews = new Option<bool>("--previews") { Description = "Instead of the published files: what programs showed of their results while they ran, the best first." };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "results", "List the published files, with the comparison of the scenarios; --out writes a report.",
            ["orchestrator results co2-ensemble", "orchestrator results co2-ensemble --out report/", "orchestrator results s-film-1 --previews"],
            DocumentedCommand.Done, (ExitCodes.Invalid, "nothing is published yet"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        {
            name, folder, previews, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var target = await Target.FindAsync(client, parsed.GetRequiredValue(name), cancellationToken);
            List<SimulationView> views = [];
            foreach (var id in target.Campaign?.Simulations ?? [target.Simulation!.Id])
            {
                views.Add(await client.GetSimulationAsync(id, cancellationToken));
            }

            if (parsed.GetValue(previews))
            {
                return parsed.GetValue(folder) is null
                    ? WritePreviews(context, [.. views.SelectMany(view => ShownPreview.Of(context.Data, view)).OrderByDescending(static one => one.Quality).ThenByDescending(static one => one.MadeAt)])
                    : throw new CommandException("--previews and --out exclude each other: a report is of results", ExitCodes.Unreadable);
            }

            var scenario = target.Campaign?.Scenario is { } key ? await ScenarioAsync(client, key, cancellationToken) : null;
            if (parsed.GetValue(folder) is { } report)
            {
                var record = await RecordAsync(context, client, target, views, scenario, cancellationToken);
                Directory.CreateDirectory(report);
                ReportFolder.Write(report, record);
            }

            var files = Files(context.Data, views);
            if (context.Json)
            {
                context.WriteJson(new { Files = files.Select(static file => new { file.Simulation, file.Stage, file.Path, file.Size, file.Sha256 }), Scenario = scenario, Report = parsed.GetValue(folder) });
            }
            else
            {
                Write(context, files, scenario);
                if (parsed.GetValue(folder) is { } written)
                {
                    context.Output.WriteLine($"report: {Path.GetFullPath(written)}");
                }
            }

            return files.Count > 0 || parsed.GetValue(folder) is not null ? ExitCodes.Success : ExitCodes.Invalid;
        }));
        return command;
    }

    private static int WritePreviews(CommandContext context, IReadOnlyList<ShownPreview> previews)
    {
        if (context.Json)
        {
            context.WriteJson(new { Previews = previews });
        }
        else if (previews.Count == 0)
        {
            context.Output.WriteLine("there are no previews");
        }
        else
        {
            var now = context.Clock.GetUtcNow();
            var table = new TextTable("SIMULATION", "STAGE", "QUALITY", "MADE", "TOOK", "SIZE", "FILE");
            foreach (var one in previews)
            {
                table.Add(
                    one.Simulation.Value, one.Stage, one.QualityText, one.MadeAt is { } made ? Words.Time(made, now) : "", one.Seconds is { } seconds ? DurationWords.Of(TimeSpan.FromSeconds(seconds)) : "",
                    one.Size < 0 ? "" : Words.Bytes(one.Size), one.Path);
            }

            table.Write(context.Output, context.Style);
        }

        return previews.Count > 0 ? ExitCodes.Success : ExitCodes.Invalid;
    }

    private static async Task<ScenarioView?> ScenarioAsync(OrchestratorClient client, ScenarioId key, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetScenarioAsync(key, cancellationToken);
        }
        catch (OrchestratorClientException fault) when (fault.Status == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private static async Task<RunRecord> RecordAsync(CommandContext context, OrchestratorClient client, Target target, List<SimulationView> views, ScenarioView? scenario, CancellationToken cancellationToken)
    {
        var events = new List<OrchestratorEvent>();
        var last = (await client.GetStatusAsync(cancellationToken)).LastEvent;
        var filter = new Client.Events.EventFilter { Campaign = target.Campaign?.Name, Simulation = target.Simulation?.Id };
        await foreach (var (_, happened) in client.ReadStoredEventsAsync(filter, last, cancellationToken))
        {
            events.Add(happened);
        }

        var attempts = new List<AttemptView>();
        foreach (var view in views)
        {
            attempts.AddRange(await client.ListAttemptsAsync(view.Id, cancellationToken).ToListAsync(cancellationToken));
        }

        return new()
        {
            Title = target.Campaign?.Name ?? target.Simulation!.Id.Value,
            Simulations = [.. views],
            Scenarios = scenario is null ? [] : [scenario],
            Events = [.. events],
            OlderAttempts = [.. attempts],
            WrittenAt = context.Clock.GetUtcNow(),
        };
    }

    private static List<(SimulationId Simulation, string Stage, string Path, long Size, string? Sha256)> Files(string data, List<SimulationView> views) =>
    [
        .. from view in views
           from stage in view.Stages
           from output in stage.Outputs.IsDefault ? [] : stage.Outputs
           select (view.Id, stage.Name, Path.Combine(data, RunLayout.ResultsDirectory(view.Id, stage.Name), output.Path), output.Size, output.Sha256),
    ];

    private static void Write(CommandContext context, List<(SimulationId Simulation, string Stage, string Path, long Size, string? Sha256)> files, ScenarioView? scenario)
    {
        if (files.Count == 0)
        {
            context.Output.WriteLine("nothing is published yet");
        }
        else
        {
            var table = new TextTable("SIMULATION", "STAGE", "SIZE", "FILE");
            foreach (var (simulation, stage, path, size, _) in files)
            {
                table.Add(simulation.Value, stage, size < 0 ? "" : Words.Bytes(size), path);
            }

            table.Write(context.Output, context.Style);
        }

        if (scenario is { Variants.Length: > 0 } && scenario.Variants.Any(static variant => variant.Metrics.Count > 0))
        {
            context.Output.WriteLine();
            var table = new TextTable("RANK", "SCENARIO", "METRIC", "MEMBERS", "MEAN", "DEVIATION", "LEAST", "MOST");
            foreach (var variant in scenario.Variants)
            {
                foreach (var (metric, summary) in variant.Metrics)
                {
                    table.Add(
                        variant.Rank > 0 && metric == scenario.Definition.Metric ? variant.Rank.ToString(CultureInfo.InvariantCulture) : "", variant.Name, metric, summary.Count.ToString(CultureInfo.InvariantCulture),
                        ReportText.Value(summary.Mean), ReportText.Value(summary.StandardDeviation), ReportText.Value(summary.Minimum), ReportText.Value(summary.Maximum));
                }
            }

            table.Write(context.Output, context.Style);
        }
    }
}
