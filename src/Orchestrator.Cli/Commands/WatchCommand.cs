using System.CommandLine;
using Orchestrator.Abstractions.Gateway;
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
        var data = CommonOptions.Data();
        var json = new Option<bool>("--json") { Description = "Print each event as one line of JSON, with its position." };
        var command = new DocumentedCommand(
            "watch", "Follow a campaign or a simulation until it ends: live on a terminal, a line for each event elsewhere. A restart of the silo does not end it.",
            ["orchestrator watch co2-ensemble", "orchestrator watch s-co2-ensemble-control-1 --after 0", "orchestrator watch --json | jq .event.text", "orchestrator watch --level warning"],
            (ExitCodes.Success, "all of it completed"), (ExitCodes.Invalid, "it ended, and something failed or was cancelled"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused,
            (ExitCodes.Interrupted, "left with Ctrl-C; the work goes on"))
        {
            name, after, all, level, kind, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var interrupt = new Interrupt(cancellationToken);
            using var client = context.Connect();
            try
            {
                var only = new EventFilter { Kind = parsed.GetValue(kind), Level = parsed.GetValue(level) is { } word ? Enum.Parse<EventLevel>(word, ignoreCase: true) : EventLevel.Absent };
                return await WatchAsync(context, client, parsed.GetValue(name), parsed.GetValue(after), parsed.GetValue(all), only, interrupt.First);
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

    private static async Task<int> WatchAsync(CommandContext context, OrchestratorClient client, string? name, long? after, bool all, EventFilter only, CancellationToken cancellationToken)
    {
        var isNarrow = only is { Kind: not null } or { Level: not EventLevel.Absent };
        var target = name is null ? null : await Target.FindAsync(client, name, cancellationToken);
        var from = after ?? (await client.GetStatusAsync(cancellationToken)).LastEvent;
        if (target?.Campaign is { } campaign && !context.Json && !isNarrow)
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

        void Show(long position, OrchestratorEvent happened)
        {
            if (context.Json)
            {
                context.WriteJsonLine(new { Position = position, Level = EventLevels.Of(happened.Kind), Event = happened });
            }
            else if (all || isNarrow || EventText.IsNews(happened))
            {
                context.Output.WriteLine(EventText.Line(happened, context.Clock.GetUtcNow()));
                context.Output.Flush();
            }
        }
    }
}
