using System.CommandLine;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Client;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Ids;

namespace Orchestrator.Cli.Commands;

/// <summary>Which checkpoints of a simulation a command is about: the options that say so, and what the gateway knows of them.</summary>
internal static class CheckpointChoice
{
    private const string SimulationText = "A simulation (s-…).";

    public static (Argument<string> Simulation, Option<string?> Stage, Option<string?> Data, Option<bool> Json) Options() =>
        (new("SIMULATION") { Description = SimulationText }, new("--stage") { Description = "Only of this stage. Default: all.", HelpName = "NAME" }, CommonOptions.Data(), CommonOptions.Json());

    public static Argument<string> Name() => new("CHECKPOINT") { Description = "Its name in the list." };

    public static async Task<StageView[]> StagesAsync(OrchestratorClient client, string simulation, string? stage, CancellationToken cancellationToken)
    {
        var view = await client.GetSimulationAsync(new SimulationId(simulation), cancellationToken);
        return stage is null || view.Stages.Any(other => other.Name == stage)
            ? [.. view.Stages.Where(other => stage is null || other.Name == stage)]
            : throw new CommandException($"{simulation} has no stage {stage}; it has {string.Join(", ", view.Stages.Select(static other => other.Name))}", ExitCodes.NotFound);
    }

    public static async Task<(StageView View, CheckpointRecord Record)> FindAsync(OrchestratorClient client, string simulation, string? stage, string name, CancellationToken cancellationToken)
    {
        var found = (await StagesAsync(client, simulation, stage, cancellationToken)).SelectMany(static view => view.Checkpoints.Select(record => (view, record))).Where(pair => pair.record.Name == name).ToArray();
        return found switch
        {
            [var one] => one,
            [] => throw new CommandException($"{simulation} has no checkpoint {name}; `orchestrator checkpoint list {simulation}` lists them", ExitCodes.NotFound),
            _ => throw new CommandException($"several stages of {simulation} have a checkpoint {name}: name the stage with --stage", ExitCodes.Unreadable),
        };
    }
}
