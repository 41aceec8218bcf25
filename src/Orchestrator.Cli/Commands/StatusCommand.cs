using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Tasks;
using Orchestrator.Cli.Terminal;
using Orchestrator.Client;
using Orchestrator.Core.Forecasting.Completion;
using Orchestrator.Core.Forecasting.Runtimes;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator status [NAME]</c>: the deployment, a campaign, or a simulation as it stands.</summary>
internal static class StatusCommand
{
    private const int CampaignsShown = 50;

    public static Command Create()
    {
        var name = new Argument<string?>("NAME") { Description = "A campaign, or a simulation (s-…). Without it: everything at a glance.", Arity = ArgumentArity.ZeroOrOne };
        var label = new Option<string[]>("--label") { Description = "Only simulations with this label, as client=acme; given several times: with all of them.", HelpName = "NAME=VALUE" };
        var status = new Option<SimulationStatus[]>("--status")
        {
            Description = $"Only simulations with one of these statuses: {string.Join(", ", Enum.GetValues<SimulationStatus>().Where(static one => one != SimulationStatus.Absent).Select(static one => Words.Status(one)))}.",
            HelpName = "STATUS",
        };
        status.AcceptOnlyFromAmong([.. Enum.GetValues<SimulationStatus>().Where(static one => one != SimulationStatus.Absent).Select(static one => Words.Status(one))]);
        var user = new Option<string?>("--user") { Description = "Only simulations of this user.", HelpName = "USER" };
        var project = new Option<string?>("--project") { Description = "Only simulations of this project.", HelpName = "INSTITUTION/PROJECT" };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "status", "Show what runs, waits and ended.",
            ["orchestrator status", "orchestrator status co2-ensemble", "orchestrator status --label client=acme", "orchestrator status --status failed --project climate/attribution", "orchestrator status s-co2-ensemble-control-1 --json"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        {
            name, label, status, user, project, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var filter = new RowFilter
            {
                Labels = [.. (parsed.GetValue(label) ?? []).Select(LabelOf)],
                Statuses = [.. parsed.GetValue(status) ?? []],
                User = parsed.GetValue(user),
                Project = parsed.GetValue(project),
            };
            using var client = context.Connect();
            if (parsed.GetValue(name) is not { } wanted)
            {
                if (!filter.IsEmpty)
                {
                    await ShowFilteredAsync(context, client, filter, cancellationToken);
                    return ExitCodes.Success;
                }

                await ShowAllAsync(context, client, cancellationToken);
            }
            else if (await Target.FindAsync(client, wanted, cancellationToken) is { Campaign: { } campaign })
            {
                await ShowCampaignAsync(context, client, campaign, filter, cancellationToken);
            }
            else if (!filter.IsEmpty)
            {
                throw new CommandException($"--label, --status, --user and --project choose among simulations, and {wanted} is one", ExitCodes.Unreadable);
            }
            else if ((await Target.FindAsync(client, wanted, cancellationToken)).Simulation is { } simulation)
            {
                var timeline = context.Json || simulation.EndedAt is not null ? null : await client.GetTimelineAsync(simulation.Id, withQueue: false, cancellationToken);
                ShowSimulation(context, simulation, timeline);
                await ShowTasksAsync(context, client, simulation, cancellationToken);
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    public static Task ShowCampaignAsync(CommandContext context, OrchestratorClient client, CampaignSummary campaign, CancellationToken cancellationToken) =>
        ShowCampaignAsync(context, client, campaign, new(), cancellationToken);

    private static async Task ShowCampaignAsync(
        CommandContext context, OrchestratorClient client, CampaignSummary campaign, RowFilter filter, CancellationToken cancellationToken)
    {
        var rows = await client.ListSimulationsAsync(campaign.Name, cancellationToken: cancellationToken).Where(filter.Has).ToListAsync(cancellationToken);
        if (context.Json)
        {
            context.WriteJson(new { Campaign = campaign, Simulations = rows });
            return;
        }

        context.Output.WriteLine($"{context.Style.Bold(campaign.Name)}, {campaign.Project}: {Words.Counts(campaign.Statuses)}, {Words.Percent(campaign.Progress)}");
        Table(rows).Write(context.Output, context.Style, statusColumn: 1);
    }

    /// <exception cref="CommandException">It is not NAME=VALUE.</exception>
    internal static (string Name, string Value) LabelOf(string text) =>
        text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (text[..at], text[(at + 1)..]) : throw new CommandException($"--label: \"{text}\" is not NAME=VALUE", ExitCodes.Unreadable);

    private static async Task ShowFilteredAsync(CommandContext context, OrchestratorClient client, RowFilter filter, CancellationToken cancellationToken)
    {
        var rows = await client.ListSimulationsAsync(status: filter.Statuses is [var only] ? only : SimulationStatus.Absent, cancellationToken: cancellationToken).Where(filter.Has).ToListAsync(cancellationToken);
        if (context.Json)
        {
            context.WriteJson(new { Simulations = rows });
        }
        else if (rows.Count == 0)
        {
            context.Output.WriteLine($"no simulation has {filter}");
        }
        else
        {
            Table(rows).Write(context.Output, context.Style, statusColumn: 1);
        }
    }

    private static TextTable Table(IEnumerable<SimulationSummary> rows)
    {
        var table = new TextTable("SIMULATION", "STATUS", "DONE", "NOW", "ATTEMPTS", "CHECKPOINTS", "AGAIN");
        foreach (var row in rows)
        {
            table.Add(row.Id.Value, Words.Status(row.Status), Words.Percent(row.Progress), row.Activity.Length > 0 ? row.Activity : row.Reason ?? "", Number(row.Attempts), Number(row.Checkpoints), Number(row.StepsAgain));
        }

        return table;
    }

    public static void ShowSimulation(CommandContext context, SimulationView simulation, SimulationTimeline? timeline)
    {
        if (context.Json)
        {
            context.WriteJson(simulation);
            return;
        }

        var now = context.Clock.GetUtcNow();
        context.Output.WriteLine($"{context.Style.Bold(simulation.Id.Value)} of {simulation.Campaign}: {context.Style.Status(Words.Status(simulation.Status))}, {Words.Percent(simulation.Progress)}{(simulation.Reason is { } reason ? $" ({reason.TrimEnd('.')})" : "")}");
        context.Output.WriteLine($"submitted {Words.Time(simulation.SubmittedAt, now)} by {simulation.Owner.User} for {simulation.Owner.Institution}/{simulation.Owner.Project}"
            + (simulation.EndedAt is { } ended ? $", ended {Words.Time(ended, now)}" : (timeline?.End.Expected ?? simulation.ExpectedEnd) is { } expected ? $", expected to end {Words.Time(expected, now)}{Between(timeline, now)}" : ""));
        if (simulation.Labels.Count > 0)
        {
            context.Output.WriteLine($"labels: {string.Join(", ", simulation.Labels.OrderBy(static label => label.Key, StringComparer.Ordinal).Select(static label => $"{label.Key} {label.Value}"))}");
        }

        var table = new TextTable("STAGE", "STATUS", "DONE", "STEP", "NODES", "ATTEMPTS", "CHECKPOINTS", "AGAIN", "WHY");
        foreach (var stage in simulation.Stages)
        {
            table.Add(
                stage.Name, Words.Status(stage.Status), Words.Percent(stage.Progress), stage.Step < 0 ? "" : Number(stage.Step), string.Join(',', stage.Nodes.Select(static node => ReportText.Node(node.Value))),
                Number(stage.Attempts), Number(stage.CheckpointsMade), Number(stage.StepsAgain), stage.Reason ?? "");
        }

        table.Write(context.Output, context.Style, statusColumn: 1);
        foreach (var stage in timeline?.Stages ?? [])
        {
            if (stage is { Status: >= StageStatus.Queued and < StageStatus.Completed, Duration: { Source: DurationSource.Learned or DurationSource.Progress } duration })
            {
                context.Output.WriteLine($"{stage.Stage} runs, {duration.Tell()}");
            }
        }

        foreach (var line in simulation.Stages.Select(stage => ShownPreview.Line(context.Data, simulation.Id, stage, now)).OfType<string>())
        {
            context.Output.WriteLine(line);
        }

        if (simulation.Metrics.Count > 0)
        {
            context.Output.WriteLine($"metrics: {string.Join(", ", simulation.Metrics.Select(static metric => $"{metric.Key} {ReportText.Value(metric.Value)}"))}");
        }
    }

    /// <summary>A line for each stage that has tasks.</summary>
    private static async Task ShowTasksAsync(CommandContext context, OrchestratorClient client, SimulationView simulation, CancellationToken cancellationToken)
    {
        foreach (var set in context.Json ? [] : simulation.Stages.Select(static stage => stage.Tasks?.Set).OfType<string>().Distinct())
        {
            context.Output.WriteLine($"tasks of {set}: {TasksCommand.Summary(await client.GetTasksAsync(simulation.Id, set, cancellationToken))}");
        }
    }

    private static string Between(SimulationTimeline? timeline, DateTimeOffset now) =>
        timeline is { End: var end } && end.Latest > end.Earliest ? $" (between {Words.Time(end.Earliest, now)} and {Words.Time(end.Latest, now)})" : "";

    private static async Task ShowAllAsync(CommandContext context, OrchestratorClient client, CancellationToken cancellationToken)
    {
        var status = await client.GetStatusAsync(cancellationToken);
        var campaigns = await client.ListCampaignsAsync(cancellationToken).Take(context.Json ? int.MaxValue : CampaignsShown + 1).ToListAsync(cancellationToken);
        var nodes = await client.ListNodesAsync(cancellationToken).ToListAsync(cancellationToken);
        if (context.Json)
        {
            context.WriteJson(new { Status = status, Campaigns = campaigns, Nodes = nodes });
            return;
        }

        var now = context.Clock.GetUtcNow();
        context.Output.WriteLine($"orchestrator {status.Version} on {context.Data}, since {Words.Time(status.StartedAt, now)}");
        context.Output.WriteLine($"simulations: {Words.Counts(status.Simulations)}; attempts: {ReportText.Count(status.Running)} running, {ReportText.Count(status.Queued)} in the queue");
        if (campaigns.Count > 0)
        {
            context.Output.WriteLine();
            var table = new TextTable("CAMPAIGN", "PROJECT", "DONE", "SIMULATIONS", "SUBMITTED");
            foreach (var campaign in campaigns.Take(CampaignsShown))
            {
                table.Add(campaign.Name, campaign.Project, Words.Percent(campaign.Progress), Words.Counts(campaign.Statuses), Words.Time(campaign.SubmittedAt, now));
            }

            table.Write(context.Output, context.Style);
            if (campaigns.Count > CampaignsShown)
            {
                context.Output.WriteLine($"and older ones; these are the newest {CampaignsShown}, and --json has all");
            }
        }

        context.Output.WriteLine();
        if (nodes.Count == 0)
        {
            context.Output.WriteLine("nodes: none; start one with `orchestrator agent`");
        }
        else
        {
            NodeCommand.Table(nodes, now).Write(context.Output, context.Style, statusColumn: 1);
        }
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
