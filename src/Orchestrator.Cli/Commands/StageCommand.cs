using System.CommandLine;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator stage list|add|hook|hold|release|skip|set|rerun|approve|bypass SIMULATION</c>: steers the stages of a simulation while it runs.</summary>
internal static class StageCommand
{
    internal static readonly (int Status, string Meaning) Done = (ExitCodes.Success, "done, or it was so already");

    public static Command Create() => new("stage", "Steer the stages of a simulation while it runs: add, hold, release, skip, set, rerun, approve, bypass.")
    {
        List(),
        Add(),
        StageHook.Create(),
        Order("hold", StageVerb.Hold, "Do not start a stage; one that runs leaves with a checkpoint. It goes on once it is released.", "orchestrator stage hold s-co2-ensemble-control-1 diagnostics --reason 'the disk is full'"),
        Order("release", StageVerb.Release, "Let a held stage go on.", "orchestrator stage release s-co2-ensemble-control-1 diagnostics"),
        Order("skip", StageVerb.Skip, "Never run a stage. What needs its success is skipped, too; `stage bypass` and `stage set --state completed` let it go on.", "orchestrator stage skip s-co2-ensemble-control-1 plots"),
        StageSetCommand.Create(),
        StageRerunCommand.Create(),
        Order("approve", StageVerb.Approve, "Approve what of a stage waits for an approval.", "orchestrator stage approve s-co2-ensemble-control-1 publish --reason 'looks right'"),
        Bypass(),
    };

    private static DocumentedCommand List()
    {
        var (simulation, data, json) = (Simulation(), CommonOptions.Data(), CommonOptions.Json());
        var command = new DocumentedCommand("list", "List the stages of a simulation with what they wait for.", ["orchestrator stage list s-co2-ensemble-control-1"], DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        { simulation, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var view = await client.GetSimulationAsync(new SimulationId(parsed.GetRequiredValue(simulation)), cancellationToken);
            if (context.Json)
            {
                context.WriteJson(view.Stages);
                return ExitCodes.Success;
            }

            var table = new TextTable("STAGE", "STATUS", "WAITS FOR", "ADDED BY", "WHY");
            foreach (var stage in view.Stages)
            {
                var edges = stage.Edges.Select(static edge => $"{edge.From} ({ReportText.Word(edge.State.ToString())}{(edge.Mark?.BypassedBy is { } who ? $" by {who}" : "")})");
                table.Add(stage.Name, ReportText.Word(stage.Status.ToString()), string.Join(", ", edges), stage.AddedBy ?? "", stage.Reason ?? "");
            }

            table.Write(context.Output, context.Style);
            return ExitCodes.Success;
        }));
        return command;
    }

    private static DocumentedCommand Add()
    {
        var (simulation, data, json) = (Simulation(), CommonOptions.Data(), CommonOptions.Json());
        var file = new Argument<string>("FILE") { Description = "A file with `stages`, and `edges` of stages that wait already, in the words of the campaign file; - reads standard input." };
        var command = new DocumentedCommand(
            "add", "Add stages to a simulation that has not ended: all of them, or none. The same file is taken once.",
            ["orchestrator stage add s-co2-ensemble-control-1 more.yaml", "echo '{\"stages\": {\"plot\": {\"run\": \"plot {stage.coupled}\", \"after\": \"coupled\"}}}' | orchestrator stage add s-co2-ensemble-control-1 -"],
            Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        { simulation, file, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(file);
            string text;
            try
            {
                text = path == "-" ? await Console.In.ReadToEndAsync(cancellationToken) : await File.ReadAllTextAsync(path, cancellationToken);
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                throw new CommandException($"{path} cannot be read: {unreadable.Message}", ExitCodes.Unreadable);
            }

            using var client = context.Connect();
            var id = parsed.GetRequiredValue(simulation);
            return Tell(context, id, "added", await client.AddStagesAsync(new SimulationId(id), text, cancellationToken: cancellationToken));
        }));
        return command;
    }

    private static DocumentedCommand Order(string word, StageVerb verb, string description, string example)
    {
        var (simulation, stage, reason, data, json) = (Simulation(), Stage(), CommonOptions.Reason(), CommonOptions.Data(), CommonOptions.Json());
        var command = new DocumentedCommand(word, description, [example], Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused) { simulation, stage, reason, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var (id, name) = (parsed.GetRequiredValue(simulation), parsed.GetRequiredValue(stage));
            return Tell(context, $"{id} {name}", word, await client.SteerStageAsync(new SimulationId(id), name, verb, new() { Reason = parsed.GetValue(reason) }, cancellationToken: cancellationToken));
        }));
        return command;
    }

    private static DocumentedCommand Bypass()
    {
        var (simulation, stage, reason, data, json) = (Simulation(), Stage(), CommonOptions.Reason(), CommonOptions.Data(), CommonOptions.Json());
        var from = new Option<string>("--from") { Description = "The stage that need not be waited for.", HelpName = "STAGE", Required = true };
        var command = new DocumentedCommand(
            "bypass", "Let a stage go on without one of its dependencies; who did it, and why, is kept. One that was skipped because of it has another chance.",
            ["orchestrator stage bypass s-co2-ensemble-control-1 diagnostics --from coupled --reason 'results of last year do'"],
            Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        { simulation, stage, from, reason, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var (id, name) = (parsed.GetRequiredValue(simulation), parsed.GetRequiredValue(stage));
            return Tell(context, $"{id} {name}", "bypassed", await client.SteerStageAsync(new SimulationId(id), name, StageVerb.Bypass, new() { From = parsed.GetRequiredValue(from), Reason = parsed.GetValue(reason) }, cancellationToken: cancellationToken));
        }));
        return command;
    }

    internal static Argument<string> Simulation() => new("SIMULATION") { Description = "A simulation (s-…)." };

    internal static Argument<string> Stage() => new("STAGE") { Description = "One of its stages." };

    internal static int Tell(CommandContext context, string what, string done, StageReply reply)
    {
        if (context.Json)
        {
            context.WriteJson(reply);
        }
        else
        {
            context.Output.WriteLine($"{what}: {done}{(reply.Outcome == ControlOutcome.Unchanged ? ", as before" : "")}; the simulation is {Words.Status(reply.Status)}");
        }

        return ExitCodes.Success;
    }
}
