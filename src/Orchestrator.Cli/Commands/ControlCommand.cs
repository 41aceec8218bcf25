using System.CommandLine;
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
            (ExitCodes.Success, "done, or it was so already; programs that are asked to leave may take their grace period"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
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
                context.Output.WriteLine($"{campaign.Name}: {word} asked of {ReportText.Of(campaign.Simulations.Length, "simulation")} ({Words.Counts(campaign.Statuses)})");
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    private static DateTimeOffset? MomentOf(string? at, DateTimeOffset now) =>
        at is null ? null : MomentText.TryParse(at, now, out var moment, out var problem) ? moment : throw new CommandException($"--at {at}: {problem}", ExitCodes.Unreadable);
}
