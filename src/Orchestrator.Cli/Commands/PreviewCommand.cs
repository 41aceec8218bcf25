using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Ids;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator preview SIMULATION</c>: asks what runs for a preview of its result.</summary>
internal static class PreviewCommand
{
    public static Command Create()
    {
        var simulation = new Argument<string>("SIMULATION") { Description = "A simulation (s-…)." };
        var stage = new Option<string?>("--stage") { Description = "Only this stage. Default: each that runs and makes previews.", HelpName = "STAGE" };
        var level = new Option<int?>("--level") { Description = "1 to 100 percent of the final quality. Default: the level of its progress.", HelpName = "PERCENT" };
        var reason = CommonOptions.Reason();
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "preview", "Ask what runs for a preview of its result; it goes on. `orchestrator results SIMULATION --previews` lists those that are there.",
            ["orchestrator preview s-film-1", "orchestrator preview s-film-1 --stage render --level 25"],
            (ExitCodes.Success, "asked for"), DocumentedCommand.Usage, DocumentedCommand.NotFound, (ExitCodes.Refused, "refused: no access, or nothing runs that makes previews"))
        {
            simulation, stage, level, reason, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var wanted = parsed.GetValue(level);
            using var client = context.Connect();
            var id = new SimulationId(parsed.GetRequiredValue(simulation));
            var reply = await client.OrderPreviewAsync(id, new() { Stage = parsed.GetValue(stage), Level = wanted, Reason = parsed.GetValue(reason) }, cancellationToken: cancellationToken);
            if (context.Json)
            {
                context.WriteJson(reply);
            }
            else
            {
                var what = wanted is { } percent ? string.Create(CultureInfo.InvariantCulture, $"a preview of {percent} %") : "a preview";
                context.Output.WriteLine($"{id}: asked for {what}; `orchestrator results {id} --previews` lists it once it is there");
            }

            return reply.Outcome switch
            {
                ControlOutcome.NotFound => ExitCodes.NotFound,
                ControlOutcome.Refused => ExitCodes.Refused,
                _ => ExitCodes.Success,
            };
        }));
        return command;
    }
}
