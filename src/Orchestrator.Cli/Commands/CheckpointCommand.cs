using System.CommandLine;
using System.CommandLine.Invocation;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator checkpoint list|show|verify|restore|pin|unpin|prune|policy SIMULATION</c>: the checkpoints of a simulation, by its catalogue.</summary>
internal static class CheckpointCommand
{
    /// <summary>Adds them below <c>orchestrator checkpoint</c>. Where a command of stores has the same name, one command does both: with <c>--store</c> it is about a store.</summary>
    public static void AddTo(Command command)
    {
        Command[] ours =
        [
            CheckpointListing.List(), CheckpointListing.Show(), CheckpointContents.Verify(), CheckpointContents.Restore(), Prune(), Policy(),
            Pin("pin", SimulationVerb.PinCheckpoint, "Keep a checkpoint whatever retention says."),
            Pin("unpin", SimulationVerb.UnpinCheckpoint, "Leave a checkpoint to retention again."),
        ];
        foreach (var one in ours)
        {
            if (command.Subcommands.FirstOrDefault(other => other.Name == one.Name) is { } stored)
            {
                command.Subcommands.Remove(stored);
                Join(one, stored);
            }

            command.Add(one);
        }
    }

    private static void Join(Command ours, Command stored)
    {
        var store = new Option<string?>("--store") { Description = "Of this store instead of a simulation.", HelpName = "DIRECTORY" };
        ours.Description += $" With --store: {char.ToLowerInvariant(stored.Description![0])}{stored.Description[1..]}";
        ours.Add(store);
        foreach (var option in stored.Options.Where(option => ours.Options.All(other => other.Name != option.Name)))
        {
            ours.Add(option);
        }

        var needed = ours.Arguments.Where(static argument => argument.Arity.MinimumNumberOfValues > 0).ToArray();
        foreach (var argument in needed)
        {
            argument.Arity = ArgumentArity.ZeroOrOne;
        }

        var action = (AsynchronousCommandLineAction)ours.Action!;
        ours.SetAction((parsed, cancellationToken) =>
        {
            if (parsed.GetValue(store) is not null)
            {
                return new RootCommand { stored }.Parse([.. parsed.Tokens.Select(static token => token.Value).SkipWhile(word => word != ours.Name)]).InvokeAsync(parsed.InvocationConfiguration, cancellationToken);
            }

            if (needed.FirstOrDefault(argument => parsed.GetResult(argument) is not { Tokens.Count: > 0 }) is { } missing)
            {
                parsed.InvocationConfiguration.Error.WriteLine($"{missing.Name} or --store is missing");
                return Task.FromResult(ExitCodes.Unreadable);
            }

            return action.InvokeAsync(parsed, cancellationToken);
        });
    }

    private static DocumentedCommand Pin(string word, SimulationVerb verb, string description)
    {
        var (simulation, stage, data, json) = CheckpointChoice.Options();
        var name = CheckpointChoice.Name();
        var command = new DocumentedCommand(
            word, description, [$"orchestrator checkpoint {word} s-co2-ensemble-control-1 e2/step-00001600"],
            (ExitCodes.Success, "done, or it was so already"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        { simulation, name, stage, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var id = parsed.GetRequiredValue(simulation);
            var (view, record) = await CheckpointChoice.FindAsync(client, id, parsed.GetValue(stage), parsed.GetRequiredValue(name), cancellationToken);
            return Tell(context, $"{record.Name} of {view.Name}", await client.ControlCheckpointsAsync(new(id), verb, new() { Stage = view.Name, Checkpoint = record.Name }, cancellationToken: cancellationToken));
        }));
        return command;
    }

    private static DocumentedCommand Prune()
    {
        var (simulation, stage, data, json) = CheckpointChoice.Options();
        var keep = new Option<int>("--keep") { Description = "How many of the newest stay in each stage, 2 to 1000.", HelpName = "N", DefaultValueFactory = static _ => 2 };
        var command = new DocumentedCommand(
            "prune", "Make room: of each stage only the newest checkpoints stay, and what always does: pinned ones, the newest proven one, and what a running attempt may restore.",
            ["orchestrator checkpoint prune s-co2-ensemble-control-1 --keep 2"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        { simulation, keep, stage, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var id = parsed.GetRequiredValue(simulation);
            return Tell(context, id, await client.ControlCheckpointsAsync(new(id), SimulationVerb.PruneCheckpoints, new() { Stage = parsed.GetValue(stage), Keep = parsed.GetValue(keep) }, cancellationToken: cancellationToken));
        }));
        return command;
    }

    private static DocumentedCommand Policy()
    {
        var (simulation, stage, data, json) = CheckpointChoice.Options();
        var policy = new Argument<string>("POLICY") { Description = "As `checkpoint` of a campaign file, in one line: '{ level: high, keep: 5 }'. It replaces the whole policy." };
        var command = new DocumentedCommand(
            "policy", "Change how a simulation that is not over is checkpointed. The timing changes at once, the rest with the next attempt; nothing is deleted before the next checkpoint.",
            ["orchestrator checkpoint policy s-co2-ensemble-control-1 '{ every: 30m, max_loss: 40m }'", "orchestrator checkpoint policy s-co2-ensemble-control-1 '{ level: maximum }' --stage coupled"],
            (ExitCodes.Success, "done, or it was so already"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        { simulation, policy, stage, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var text = parsed.GetRequiredValue(policy).ReplaceLineEndings(" ");
            var reading = CampaignFile.Read($"name: policy\nproject: a/b\nstages:\n  s:\n    run: x\n    checkpoint: {text}\n");
            if (reading.Campaign is not { } campaign)
            {
                foreach (var problem in reading.Problems)
                {
                    context.Error.WriteLine($"{problem.Path.Replace("stages.s.", "", StringComparison.Ordinal)}: {problem.Message}; allowed: {problem.Allowed}");
                }

                return ExitCodes.Unreadable;
            }

            using var client = context.Connect();
            var id = parsed.GetRequiredValue(simulation);
            return Tell(context, id, await client.ControlCheckpointsAsync(
                new(id), SimulationVerb.ChangeCheckpointPolicy, new() { Stage = parsed.GetValue(stage), Policy = campaign.Simulations[0].Stages[0].Checkpoint }, cancellationToken: cancellationToken));
        }));
        return command;
    }

    private static int Tell(CommandContext context, string what, ControlReply reply)
    {
        if (context.Json)
        {
            context.WriteJson(reply);
        }
        else
        {
            context.Output.WriteLine($"{what}: {(reply.Outcome == ControlOutcome.Unchanged ? "nothing changed" : "done")}");
        }

        return ExitCodes.Success;
    }
}
