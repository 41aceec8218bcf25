using System.CommandLine;
using Orchestrator.Cli.Terminal;
using Orchestrator.Client;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator logs SIMULATION [STAGE]</c>: what a program wrote.</summary>
internal static class LogsCommand
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    public static Command Create()
    {
        var simulation = new Argument<string>("SIMULATION") { Description = "A simulation (s-…)." };
        var stage = new Argument<string?>("STAGE") { Description = "Its stage. Default: the one that was started last.", Arity = ArgumentArity.ZeroOrOne };
        var standardError = new Option<bool>("--stderr") { Description = "Standard error instead of standard output." };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what is written, over restarts of the stage, until it ends." };
        var tail = new Option<int?>("--tail") { Description = "The last N lines only.", HelpName = "N" };
        var epoch = new Option<int?>("--attempt") { Description = "Of this attempt, counted from 1. Default: the newest.", HelpName = "N" };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "logs", "Print what a stage's program wrote.",
            ["orchestrator logs s-co2-ensemble-control-1 coupled --tail 20", "orchestrator logs s-co2-ensemble-control-1 --stderr --follow"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused, (ExitCodes.Interrupted, "left with Ctrl-C"))
        {
            simulation, stage, standardError, follow, tail, epoch, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            if (parsed.GetValue(tail) is < 1 || parsed.GetValue(epoch) is < 1)
            {
                throw new CommandException("--tail and --attempt must be at least 1", ExitCodes.Unreadable);
            }

            using var client = context.Connect();
            var id = new SimulationId(parsed.GetRequiredValue(simulation));
            var view = await client.GetSimulationAsync(id, cancellationToken);
            var name = parsed.GetValue(stage) ?? view.Stages.Where(static one => one.Epoch > 0).OrderByDescending(static one => one.StartedAt).FirstOrDefault()?.Name;
            if (name is null)
            {
                throw new CommandException($"no stage of {id} has started yet", ExitCodes.NotFound);
            }

            if (view.Stages.All(one => one.Name != name))
            {
                throw new CommandException($"{id} has no stage {name}; it has {string.Join(", ", view.Stages.Select(static one => one.Name))}", ExitCodes.NotFound);
            }

            var wanted = parsed.GetValue(standardError);
            if (parsed.GetValue(follow) && !context.Json)
            {
                return await FollowAsync(context, client, id, name, wanted, parsed.GetValue(tail) ?? 0, cancellationToken);
            }

            var text = await client.GetLogAsync(id, name, wanted, parsed.GetValue(epoch) ?? 0, parsed.GetValue(tail) ?? 0, cancellationToken);
            if (context.Json)
            {
                context.WriteJson(new { Simulation = id, Stage = name, Stream = wanted ? "stderr" : "stdout", Text = text });
            }
            else
            {
                context.Output.Write(text);
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    /// <summary>Reads the whole log again while it grows; only what is new is printed. The gateway keeps it to its last part, which overlaps by far more than half a second writes.</summary>
    private static async Task<int> FollowAsync(CommandContext context, OrchestratorClient client, SimulationId id, string stage, bool standardError, int tail, CancellationToken cancellationToken)
    {
        using var interrupt = new Interrupt(cancellationToken);
        var (shown, epoch) = ("", 0);
        try
        {
            while (true)
            {
                var now = (await client.GetSimulationAsync(id, interrupt.First)).Stages.First(one => one.Name == stage);
                if (now.Epoch != epoch)
                {
                    (shown, epoch) = ("", now.Epoch);
                }

                var text = await ReadAsync(client, id, stage, standardError, epoch, shown.Length == 0 ? tail : 0, interrupt.First);
                context.Output.Write(New(shown, text));
                context.Output.Flush();
                shown = text;
                if (now.Status >= StageStatus.Completed)
                {
                    return ExitCodes.Success;
                }

                await Task.Delay(LookAgain, context.Clock, interrupt.First);
            }
        }
        catch (OperationCanceledException) when (interrupt.First.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
    }

    /// <summary>What of the text comes after what was shown, whose end it holds somewhere.</summary>
    internal static string New(string shown, string text)
    {
        if (shown.Length == 0)
        {
            return text;
        }

        var end = shown.Length > 1000 ? shown[^1000..] : shown;
        var at = text.LastIndexOf(end, StringComparison.Ordinal);
        return at < 0 ? text : text[(at + end.Length)..];
    }

    private static async Task<string> ReadAsync(OrchestratorClient client, SimulationId id, string stage, bool standardError, int epoch, int tail, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetLogAsync(id, stage, standardError, epoch, tail, cancellationToken);
        }
        catch (OrchestratorClientException fault) when (fault.Status == System.Net.HttpStatusCode.NotFound)
        {
            // The attempt has not started yet.
            return "";
        }
    }
}
