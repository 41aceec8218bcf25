using System.CommandLine;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Cli.Alerts;
using Orchestrator.Cli.Terminal;
using Orchestrator.Client;
using Orchestrator.Client.Events;
using Orchestrator.Core.Events;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator watch [NAME]</c>: what happens, as it happens.</summary>
internal static class WatchCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("NAME") { Description = "A campaign, or a simulation (s-…). Without it: everything, until Ctrl-C.", Arity = ArgumentArity.ZeroOrOne };
        var after = new Option<long?>("--after") { Description = "Begin behind this position of the event log; 0: with the oldest event that is kept. Default: with what happens from now on.", HelpName = "POSITION" };
        var all = new Option<bool>("--all") { Description = "Every event: progress, queue and estimates too." };
        var level = new Option<string?>("--level") { Description = "Only events of this level and above: info (all of them), warning, error.", HelpName = "LEVEL" };
        level.AcceptOnlyFromAmong("info", "warning", "error");
        var kind = new Option<string?>("--kind") { Description = "Only events of these kinds, as --json names them, with commas between.", HelpName = "KIND" };
        var exec = new Option<string?>("--exec") { Description = "A shell line that gets each event that is shown as JSON on its input, and takes it with exit status 0; else it is told again, four times in all.", HelpName = "LINE" };
        var cursor = new Option<string?>("--cursor") { Description = "With --exec: the file that keeps the position of the last event told. The next watch goes on behind it, so that none is missed.", HelpName = "FILE" };
        cursor.Validators.Add(result =>
        {
            if (result.GetResult(exec) is null)
            {
                result.AddError("--cursor keeps what --exec was told: say --exec, too.");
            }
        });
        var data = CommonOptions.Data();
        var json = new Option<bool>("--json") { Description = "Print each event as one line of JSON, with its position." };
        var command = new DocumentedCommand(
            "watch", "Follow a campaign or a simulation until it ends: live on a terminal, a line for each event elsewhere. A restart of the silo does not end it.",
            ["orchestrator watch co2-ensemble", "orchestrator watch s-co2-ensemble-control-1 --after 0", "orchestrator watch --json | jq .event.text", "orchestrator watch --level warning", "orchestrator watch --level error --exec ./tell-operators --cursor told.position"],
            (ExitCodes.Success, "all of it completed"), (ExitCodes.Invalid, "it ended, and something failed or was cancelled"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused,
            (ExitCodes.Interrupted, "left with Ctrl-C; the work goes on"))
        {
            name, after, all, level, kind, exec, cursor, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var interrupt = new Interrupt(cancellationToken);
            using var client = context.Connect();
            try
            {
                var only = new EventFilter { Kind = parsed.GetValue(kind), Level = parsed.GetValue(level) is { } word ? Enum.Parse<EventLevel>(word, ignoreCase: true) : EventLevel.Absent };
                var teller = parsed.GetValue(exec) is { } line ? new EventTeller(line, parsed.GetValue(cursor), context.Error, context.Clock) : null;
                return await WatchAsync(context, client, parsed.GetValue(name), teller?.Position ?? parsed.GetValue(after), parsed.GetValue(all), only, teller, interrupt.First);
            }
            catch (OperationCanceledException) when (interrupt.First.IsCancellationRequested)
            {
                return ExitCodes.Interrupted;
            }
        }));
        return command;
    }

    /// <summary>How a campaign that ended is told, and the exit status for it.</summary>
    public static int Tell(CommandContext context, CampaignSummary campaign)
    {
        context.Output.WriteLine($"{campaign.Name} ended: {Words.Counts(campaign.Statuses)}");
        return campaign.Statuses.All(static pair => pair.Key == "completed" || pair.Value == 0) ? ExitCodes.Success : ExitCodes.Invalid;
    }

    private static async Task<int> WatchAsync(CommandContext context, OrchestratorClient client, string? name, long? after, bool all, EventFilter only, EventTeller? teller, CancellationToken cancellationToken)
    {
        var isNarrow = only is { Kind: not null } or { Level: not EventLevel.Absent };
        var target = name is null ? null : await Target.FindAsync(client, name, cancellationToken);
        var from = after ?? (await client.GetStatusAsync(cancellationToken)).LastEvent;
        if (target?.Campaign is { } campaign && !context.Json && !isNarrow && teller is null)
        {
            var view = new CampaignView(client, campaign.Name, context.Output, context.Style, context.Clock);
            if (!context.Style.HasColor && after is null)
            {
                await StatusCommand.ShowCampaignAsync(context, client, campaign, cancellationToken);
            }

            if (campaign.IsLive || after is not null)
            {
                await view.FollowAsync(from, all, cancellationToken);
            }

            return Tell(context, view.Summary ?? campaign);
        }

        var filter = only with { Campaign = target?.Campaign?.Name, Simulation = target?.Simulation?.Id };
        var last = target?.Simulation;
        Func<CancellationToken, Task<bool>>? look = target switch
        {
            { Campaign.Name: var label } => async token => !(await client.GetCampaignAsync(label, token)).IsLive,
            { Simulation.Id: var id } => async token => (last = await client.GetSimulationAsync(id, token)).Status >= SimulationStatus.Completed,
            _ => null,
        };
        await new Follower(client, context.Clock).FollowAsync(filter, from, Show, look, cancellationToken);
        if (last is not null && !context.Json)
        {
            context.Output.WriteLine($"{last.Id} ended: {Words.Status(last.Status)}{(last.Reason is { } reason ? $" ({reason.TrimEnd('.')})" : "")}");
        }

        var completed = last is not null ? last.Status == SimulationStatus.Completed : target?.Campaign is not { } ended
            || (await client.GetCampaignAsync(ended.Name, cancellationToken)).Statuses.All(static pair => pair.Key == "completed" || pair.Value == 0);
        return completed ? ExitCodes.Success : ExitCodes.Invalid;

        async Task Show(long position, OrchestratorEvent happened)
        {
            var told = new { Position = position, Level = EventLevels.Of(happened.Kind), Event = happened };
            if (context.Json)
            {
                context.WriteJsonLine(told);
            }
            else if (all || isNarrow || EventText.IsNews(happened))
            {
                context.Output.WriteLine(EventText.Line(happened, context.Clock.GetUtcNow()));
                context.Output.Flush();
            }
            else
            {
                return;
            }

            if (teller is not null)
            {
                await teller.TellAsync(position, JsonSerializer.Serialize(told, WireJson.Options), cancellationToken);
            }
        }
    }
}
