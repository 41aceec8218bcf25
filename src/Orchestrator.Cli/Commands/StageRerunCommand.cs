using System.CommandLine;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator stage rerun SIMULATION STAGE [--from-checkpoint [NAME]]</c>: runs a stage again, from its beginning or from what it had saved.</summary>
internal static class StageRerunCommand
{
    public static DocumentedCommand Create()
    {
        var (simulation, stage, reason, data, json) = (StageCommand.Simulation(), StageCommand.Stage(), CommonOptions.Reason(), CommonOptions.Data(), CommonOptions.Json());
        var from = new Option<string?>("--from-checkpoint")
        {
            Description = "Go on from the newest checkpoint that is whole, or from NAME, which `orchestrator checkpoint list` shows; newer ones are then passed over. What comes after the stage begins anew. Also of a stage that failed for good, was cancelled, completed wrongly, or runs.",
            HelpName = "NAME",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new DocumentedCommand(
            "rerun", "Run a stage and all that comes after it again, from their beginning or the stage from a checkpoint; what was is in the history. A simulation that has ended goes on.",
            [
                "orchestrator stage rerun s-co2-ensemble-control-1 coupled --reason 'wrong forcing'",
                "orchestrator stage rerun s-co2-ensemble-control-1 coupled --from-checkpoint --reason 'new disk'",
                "orchestrator stage rerun s-co2-ensemble-control-1 coupled --from-checkpoint e2/step-00001600",
            ],
            (ExitCodes.Success, "it is in the queue, or waits for what it needs"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        { simulation, stage, from, reason, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var (id, name) = (parsed.GetRequiredValue(simulation), parsed.GetRequiredValue(stage));
            var (goesOn, checkpoint) = (parsed.GetResult(from) is { Implicit: false }, parsed.GetValue(from));
            var reply = await client.SteerStageAsync(
                new SimulationId(id), name, StageVerb.Rerun,
                new() { Reason = parsed.GetValue(reason), FromCheckpoint = goesOn, Checkpoint = checkpoint },
                cancellationToken: cancellationToken);
            return StageCommand.Tell(context, $"{id} {name}", !goesOn ? "rerun" : checkpoint is null ? "goes on from its newest checkpoint" : $"goes on from checkpoint {checkpoint}", reply);
        }));
        return command;
    }
}
