using System.CommandLine;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator cancel|pause|resume|checkpoint|declare-dead NAME</c>.</summary>
internal static class ControlCommand
{
    public static Command Cancel() => Create("cancel", SimulationVerb.Cancel, "End a campaign or simulation: what runs is asked to leave, and nothing more starts.", "orchestrator cancel co2-ensemble --reason 'wrong forcing'");

    public static Command Pause() => Create("pause", SimulationVerb.Pause, "Pause a campaign or simulation: what runs leaves with a checkpoint, and nothing starts until it is resumed.", "orchestrator pause co2-ensemble");

    public static Command Resume() => Create("resume", SimulationVerb.Resume, "Go on with a paused campaign or simulation, from its newest checkpoints.", "orchestrator resume co2-ensemble");

    public static Command Checkpoint() => Create("checkpoint", SimulationVerb.Checkpoint, "Ask every running program for a checkpoint now; it goes on.", "orchestrator checkpoint s-co2-ensemble-control-1");

    public static Command DeclareDead() => Create(
        "declare-dead", SimulationVerb.DeclareDead,
        "Answer for it that lost attempts of stages that write shared paths run nowhere any more, so that the stages start again. Wrong, it makes two write the same files.",
        "orchestrator declare-dead s-co2-ensemble-control-1 --reason 'node-3 was pulled out of its rack'");

    private static DocumentedCommand Create(string word, SimulationVerb verb, string description, string example)
    {
        var name = CommonOptions.Name();
        var reason = CommonOptions.Reason();
        var at = new Option<string?>("--at") { Description = "Not now: at this time, of what runs then: 2026-12-24T18:00:00Z, or from now on, +15m. none: what was wanted for later is not wanted any more.", HelpName = "TIME" };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            word, description, [example],
            (ExitCodes.Success, "done, or it was so already; programs that are asked to leave may take their grace period. Of a campaign: by one simulation at least, or all have ended"), DocumentedCommand.Usage, DocumentedCommand.NotFound,
            (ExitCodes.Refused, "refused: no access, or its status does not allow it; of a campaign: of none of those that have not ended"))
        {
            name, reason, data, json,
        };
        if (verb == SimulationVerb.Checkpoint)
        {
            command.Add(at);
        }

        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var isTakenBack = verb == SimulationVerb.Checkpoint && parsed.GetValue(at) == "none";
            var moment = verb == SimulationVerb.Checkpoint && !isTakenBack ? MomentOf(parsed.GetValue(at), context.Clock.GetUtcNow()) : null;
            var order = isTakenBack ? SimulationVerb.UnscheduleCheckpoints : verb;
            using var client = context.Connect();
            var target = await Target.FindAsync(client, parsed.GetRequiredValue(name), cancellationToken);
            if (target.Simulation is { Id: var id })
            {
                var reply = await client.ControlAsync(id, order, parsed.GetValue(reason), at: moment, cancellationToken: cancellationToken);
                if (context.Json)
                {
                    context.WriteJson(reply);
                }
                else
                {
                    context.Output.WriteLine($"{id}: {Words.Status(reply.Status)}{(reply.Outcome == ControlOutcome.Unchanged ? ", as before" : "")}");
                }

                return reply.Outcome switch
                {
                    ControlOutcome.NotFound => ExitCodes.NotFound,
                    ControlOutcome.Refused => ExitCodes.Refused,
                    _ => ExitCodes.Success,
                };
            }

            var campaign = await client.ControlCampaignAsync(target.Campaign!.Name, order, parsed.GetValue(reason), at: moment, cancellationToken: cancellationToken);
            if (context.Json)
            {
                context.WriteJson(campaign);
            }
            else
            {
                context.Output.WriteLine(Sentence(word, campaign));
            }

            return campaign.Outcome?.IsRefused() == true ? ExitCodes.Refused : ExitCodes.Success;
        }));
        return command;
    }

    /// <summary>What came of an order to a campaign; a silo of a release before says nothing of it.</summary>
    internal static string Sentence(string word, CampaignSummary campaign)
    {
        var all = ReportText.Of(campaign.Simulations.Length, "simulation");
        if (campaign.Outcome is not { } outcome)
        {
            return $"{campaign.Name}: {word} asked of {all} ({Words.Counts(campaign.Statuses)})";
        }

        var parts = new List<string> { $"{outcome.Changed} of {all}" };
        if (outcome.Unchanged > 0)
        {
            parts.Add($"{outcome.Unchanged} as before");
        }

        if (outcome.Refused > 0)
        {
            parts.Add($"{outcome.Refused} refused ({string.Join(' ', outcome.Refusals).TrimEnd('.')})");
        }

        if (outcome.Ended > 0)
        {
            parts.Add($"{outcome.Ended} had ended");
        }

        return $"{campaign.Name}: {word}: {string.Join(", ", parts)}; now {Words.Counts(campaign.Statuses)}";
    }

    private static DateTimeOffset? MomentOf(string? at, DateTimeOffset now) =>
        at is null ? null : MomentText.TryParse(at, now, out var moment, out var problem) ? moment : throw new CommandException($"--at {at}: {problem}", ExitCodes.Unreadable);
}
