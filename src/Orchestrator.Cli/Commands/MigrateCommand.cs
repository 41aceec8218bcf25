using System.CommandLine;
using Orchestrator.Core.Ids;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator migrate SIMULATION</c>: an operator moves running work to other nodes.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        var simulation = new Argument<string>("SIMULATION") { Description = "A simulation (s-…)." };
        var stage = new Option<string?>("--stage") { Description = "Only this stage. Default: all that run.", HelpName = "NAME" };
        var force = new Option<bool>("--force") { Description = "Protected work too, and work that is not known to make checkpoints and begins anew; it is recorded." };
        var reason = CommonOptions.Reason();
        var (data, json) = (CommonOptions.Data(), CommonOptions.Json());
        var command = new DocumentedCommand(
            "migrate",
            "Move running work to other nodes (operators): it leaves with a checkpoint and goes on from it elsewhere; on its old nodes only where no others would do. After it made way it is left alone for the "
            + "cooldown of the policy (6 hours): until then it is refused, with the moment from which it may be moved.",
            ["orchestrator migrate s-co2-ensemble-control-1", "orchestrator migrate s-co2-ensemble-control-1 --stage coupled --force --reason 'new disk'"],
            (ExitCodes.Success, "asked to leave, or it leaves already"), DocumentedCommand.Usage, DocumentedCommand.NotFound,
            (ExitCodes.Refused, "refused: no operator, nothing of it runs, it is protected, it would begin anew, or it made way a short while ago"))
        {
            simulation, stage, force, reason, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var id = new SimulationId(parsed.GetRequiredValue(simulation));
            var reply = await client.MigrateAsync(id, new() { Stage = parsed.GetValue(stage), Force = parsed.GetValue(force), Reason = parsed.GetValue(reason) }, cancellationToken: cancellationToken);
            if (context.Json)
            {
                context.WriteJson(reply);
            }
            else
            {
                context.Output.WriteLine($"{id}: {(reply.Changed ? parsed.GetValue(force) ? "asked to leave, and to go on elsewhere: from its newest checkpoint, or from its beginning where it has none" : "asked to leave with a checkpoint, and to go on elsewhere" : "it leaves already")}");
            }

            return ExitCodes.Success;
        }));
        return command;
    }
}
