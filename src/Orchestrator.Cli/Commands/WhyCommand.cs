using System.CommandLine;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Cli.Reports;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator why NAME</c>: why a simulation waits, runs, failed or was cancelled.</summary>
internal static class WhyCommand
{
    private const int SimulationsMax = 20;

    public static Command Create()
    {
        var name = CommonOptions.Name("A simulation (s-…), or a campaign: its simulations that are not completed.");
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "why", "Explain why a simulation is where it is, from what is stored.",
            ["orchestrator why s-co2-ensemble-control-1", "orchestrator why co2-ensemble"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        {
            name, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var target = await Target.FindAsync(client, parsed.GetRequiredValue(name), cancellationToken);
            var open = target.Simulation is { Id: var one }
                ? [one]
                : await client.ListSimulationsAsync(target.Campaign!.Name, cancellationToken: cancellationToken).Where(static row => row.Status != SimulationStatus.Completed).Select(static row => row.Id).ToListAsync(cancellationToken);
            var explained = new List<(SimulationId Simulation, Explanation Explanation)>();
            foreach (var simulation in open.Take(SimulationsMax))
            {
                explained.Add((simulation, await client.ExplainAsync(simulation, cancellationToken)));
            }

            if (context.Json)
            {
                context.WriteJson(explained.Select(static pair => new { pair.Simulation, pair.Explanation }));
                return ExitCodes.Success;
            }

            foreach (var (simulation, explanation) in explained)
            {
                Write(context, simulation, explanation, withEvents: explained.Count == 1);
            }

            if (explained.Count == 0)
            {
                context.Output.WriteLine($"all of {target.Campaign!.Name} is completed");
            }
            else if (open.Count > SimulationsMax)
            {
                context.Output.WriteLine($"and {ReportText.Of(open.Count - SimulationsMax, "more simulation")}; `orchestrator status {target.Campaign!.Name}` lists them");
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    private static void Write(CommandContext context, SimulationId simulation, Explanation explanation, bool withEvents)
    {
        context.Output.WriteLine($"{context.Style.Bold(simulation.Value)}: {explanation.Summary}");
        foreach (var stage in explanation.Stages)
        {
            context.Output.WriteLine($"  {stage.Stage}: {context.Style.Status(ReportText.Word(stage.Status))}");
            foreach (var because in stage.Because)
            {
                context.Output.WriteLine($"    {because}");
            }
        }

        if (withEvents && explanation.Recent.Length > 0)
        {
            context.Output.WriteLine("  newest events:");
            foreach (var line in explanation.Recent)
            {
                context.Output.WriteLine($"    {line}");
            }
        }
    }
}
