using System.CommandLine;
using System.CommandLine.Invocation;
using System.Globalization;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.CheckpointStore;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Client;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator checkpoint list|show|verify|restore|pin|unpin|prune|policy SIMULATION</c>: the checkpoints of a simulation, by its catalogue.</summary>
internal static class CheckpointCommand
{
    private const string SimulationText = "A simulation (s-…).";

    /// <summary>Adds them below <c>orchestrator checkpoint</c>. Where a command of stores has the same name, one command does both: with <c>--store</c> it is about a store.</summary>
    public static void AddTo(Command command)
    {
        Command[] ours =
        [
            List(), Show(), Verify(), Restore(), Prune(), Policy(),
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

    private static DocumentedCommand List()
    {
        var (simulation, stage, data, json) = Common();
        var command = new DocumentedCommand(
            "list", "List the checkpoints of a simulation, the newest first, and how each stage is checkpointed.", ["orchestrator checkpoint list s-co2-ensemble-control-1"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        { simulation, stage, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var stages = await StagesAsync(client, parsed.GetRequiredValue(simulation), parsed.GetValue(stage), cancellationToken);
            if (context.Json)
            {
                context.WriteJson(stages.Select(static view => new { Stage = view.Name, view.CheckpointPlan, view.CheckpointConflict, view.Checkpoints }));
                return ExitCodes.Success;
            }

            var wanted = (await client.GetSimulationAsync(new SimulationId(parsed.GetRequiredValue(simulation)), cancellationToken)).CheckpointsWanted;
            if (!wanted.IsEmpty)
            {
                context.Output.WriteLine($"wanted of what runs then at {string.Join(", ", wanted.Select(ReportText.Moment))}");
            }

            foreach (var view in stages.Where(static view => view.Checkpoints.Length > 0 || view.StartedAt is not null))
            {
                context.Output.WriteLine($"{context.Style.Bold(view.Name)}: {ReportText.Of(view.CheckpointsMade, "checkpoint")} made; {view.CheckpointPlan}");
                if (view.CheckpointConflict is { } conflict)
                {
                    context.Output.WriteLine($"  {conflict}");
                }

                var table = new TextTable("  NAME", "STEP", "TAKEN", "STATUS", "SIZE", "COST", "DURABLE AFTER");
                foreach (var record in view.Checkpoints)
                {
                    table.Add(
                        "  " + record.Name, record.Step < 0 ? "-" : record.Step.ToString(CultureInfo.InvariantCulture), ReportText.Moment(record.TakenAt),
                        ReportText.Word(record.Status.ToString()) + (record.Pinned ? ", pinned" : "") + (record.Kind is CheckpointKind.Full or CheckpointKind.Absent ? "" : $", {ReportText.Word(record.Kind.ToString())}"),
                        Size(record.Bytes), DurationWords.Of(record.Cost), DurationWords.Of(record.Flush));
                }

                table.Write(context.Output, context.Style);
                foreach (var record in view.Checkpoints.Where(static record => record.Reason is not null))
                {
                    context.Output.WriteLine($"  {record.Name} failed: {record.Reason}");
                }

                foreach (var record in view.Checkpoints.Where(static record => record.Restores > 0))
                {
                    context.Output.WriteLine($"  {record.Name} was restored {ReportText.Of(record.Restores, "time")}{(record.RestoredAt is { } last ? $", last at {ReportText.Moment(last)}" : "")}");
                }
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    private static DocumentedCommand Show()
    {
        var (simulation, stage, data, json) = Common();
        var name = NameOf();
        var command = new DocumentedCommand(
            "show", "Show one checkpoint with its files.", ["orchestrator checkpoint show s-co2-ensemble-control-1 e2/step-00001600"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        { simulation, name, stage, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var (view, record) = await FindAsync(client, parsed.GetRequiredValue(simulation), parsed.GetValue(stage), parsed.GetRequiredValue(name), cancellationToken);
            if (record.Status == CheckpointStatus.Failed)
            {
                if (context.Json)
                {
                    context.WriteJson(new { Stage = view.Name, Checkpoint = record, Files = Array.Empty<ManifestFile>(), Appended = Array.Empty<ManifestFile>() });
                }
                else
                {
                    context.Output.WriteLine($"{record.Name} of {view.Name}: failed at {ReportText.Moment(record.TakenAt)}: {record.Reason}");
                }

                return ExitCodes.Success;
            }

            var manifest = await CheckpointFiles.ReadManifestAsync(context.Data, record, cancellationToken);
            if (context.Json)
            {
                context.WriteJson(new { Stage = view.Name, Checkpoint = record, manifest.Files, manifest.Appended });
                return ExitCodes.Success;
            }

            context.Output.WriteLine($"{record.Name} of {view.Name}: {ReportText.Word(record.Status.ToString())}{(record.Pinned ? ", pinned" : "")}, {Size(record.Bytes)}, taken {ReportText.Moment(record.TakenAt)} by {record.Attempt}");
            context.Output.WriteLine($"  {CheckpointFiles.DirectoryOf(context.Data, record)}");
            foreach (var file in manifest.Files)
            {
                context.Output.WriteLine($"  {file.Sha256[..16]}  {Size(file.Size),10}  {file.Name}");
            }

            foreach (var file in manifest.Appended)
            {
                context.Output.WriteLine($"  {(file.Sha256.Length > 16 ? file.Sha256[..16] : file.Sha256)}  {Size(file.Size),10}  the beginning of {file.Name}, which is only appended to");
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    private static DocumentedCommand Verify()
    {
        var (simulation, stage, data, json) = Common();
        var name = new Argument<string?>("CHECKPOINT") { Description = "Its name in the list. Default: all of them.", Arity = ArgumentArity.ZeroOrOne };
        var command = new DocumentedCommand(
            "verify", "Read every byte of checkpoints and compare it with their manifests. Each is valid, missing, incomplete or corrupted; what is not valid is marked damaged, and never "
            + "restored. One that never came to be is told as failed, with its reason; one that cannot be read here and now as unreadable, which says nothing of it.",
            ["orchestrator checkpoint verify s-co2-ensemble-control-1"],
            (ExitCodes.Success, "all are valid"), (ExitCodes.Invalid, "at least one is not, or the one that was named failed"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        { simulation, name, stage, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var id = parsed.GetRequiredValue(simulation);
            var asked = parsed.GetValue(name);
            var chosen = asked is not null
                ? [await FindAsync(client, id, parsed.GetValue(stage), asked, cancellationToken)]
                : (await StagesAsync(client, id, parsed.GetValue(stage), cancellationToken)).SelectMany(static view => view.Checkpoints.Select(record => (View: view, Record: record))).ToArray();
            var verdicts = new List<(string Stage, string Checkpoint, string Verdict, string? Damage)>();
            foreach (var (view, record) in chosen)
            {
                var (verdict, damage) = await ExamineAsync(context.Data, record, cancellationToken);
                verdicts.Add((view.Name, record.Name, verdict, damage));
                if (verdict is not ("valid" or "failed" or "unreadable") && record.Status != CheckpointStatus.Damaged)
                {
                    await client.ControlCheckpointsAsync(new(id), SimulationVerb.DistrustCheckpoint, new() { Stage = view.Name, Checkpoint = record.Name, Reason = damage }, cancellationToken: cancellationToken);
                }

                if (!context.Json)
                {
                    context.Output.WriteLine($"{view.Name} {record.Name}: {verdict}{(damage is null ? "" : $". {damage}")}");
                }
            }

            if (context.Json)
            {
                context.WriteJson(verdicts.Select(static one => new { one.Stage, one.Checkpoint, one.Verdict, Valid = one.Verdict == "valid", one.Damage }));
            }

            return verdicts.All(one => one.Verdict == "valid" || (one.Verdict == "failed" && asked is null)) ? ExitCodes.Success : ExitCodes.Invalid;
        }));
        return command;
    }

    /// <summary>A word and, unless it is valid, a sentence.</summary>
    private static async Task<(string Verdict, string? Damage)> ExamineAsync(string data, CheckpointRecord record, CancellationToken cancellationToken)
    {
        if (record.Status == CheckpointStatus.Failed)
        {
            return ("failed", record.Reason);
        }

        try
        {
            var found = await CheckpointFiles.ExamineAsync(data, record, cancellationToken);

            // A verify command may have refused bytes that are as they were written.
            return found.Condition == CheckpointCondition.Valid && record.Status == CheckpointStatus.Damaged
                ? ("corrupted", "It was found damaged before.")
                : (ReportText.Word(found.Condition.ToString()), found.Damage);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return ("unreadable", unreadable.Message);
        }
    }

    private static DocumentedCommand Restore()
    {
        var (simulation, stage, data, json) = Common();
        var target = new Argument<DirectoryInfo>("TARGET") { Description = "A directory that does not exist yet." };
        var name = new Option<string?>("--checkpoint") { Description = "Its name in the list. Default: the newest that is whole.", HelpName = "CHECKPOINT" };
        var command = new DocumentedCommand(
            "restore", "Copy the files of a checkpoint to a directory, verified. Without a name, one that is damaged is marked so, and the one before is taken.",
            ["orchestrator checkpoint restore s-co2-ensemble-control-1 /scratch/look"],
            DocumentedCommand.Done, (ExitCodes.Invalid, "it is damaged"), DocumentedCommand.Usage, (ExitCodes.NotFound, "nothing runs on the data directory, or there is no such checkpoint"), DocumentedCommand.Refused)
        { simulation, target, name, stage, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var id = parsed.GetRequiredValue(simulation);
            var place = parsed.GetRequiredValue(target).FullName;
            if (Path.Exists(place))
            {
                throw new CommandException($"{place} exists already", ExitCodes.Unreadable);
            }

            var asked = parsed.GetValue(name);
            var candidates = asked is not null
                ? [await FindAsync(client, id, parsed.GetValue(stage), asked, cancellationToken)]
                : (await StagesAsync(client, id, parsed.GetValue(stage), cancellationToken)).SelectMany(static view => view.Checkpoints.Select(record => (View: view, Record: record)))
                    .Where(static pair => pair.Record.Status is CheckpointStatus.Intact or CheckpointStatus.Proven).OrderByDescending(static pair => pair.Record.TakenAt).ToArray();
            foreach (var (view, record) in candidates)
            {
                var damage = record.Status switch
                {
                    CheckpointStatus.Damaged => "It was found damaged before.",
                    CheckpointStatus.Failed => $"It never came to be: {record.Reason}",
                    _ => await CheckpointFiles.CopyAsync(context.Data, record, place, cancellationToken),
                };
                if (damage is null)
                {
                    if (context.Json)
                    {
                        context.WriteJson(new { Stage = view.Name, Checkpoint = record, Target = place });
                    }
                    else
                    {
                        context.Output.WriteLine($"{record.Name} of {view.Name}{(record.Step >= 0 ? string.Create(CultureInfo.InvariantCulture, $", step {record.Step}") : "")}: {Size(record.Bytes)} restored to {place}");
                    }

                    return ExitCodes.Success;
                }

                context.Error.WriteLine($"Cannot restore from invalid checkpoint {record.Name} of {view.Name}: {damage}");
                if (record.Status is not (CheckpointStatus.Damaged or CheckpointStatus.Failed))
                {
                    await client.ControlCheckpointsAsync(new(id), SimulationVerb.DistrustCheckpoint, new() { Stage = view.Name, Checkpoint = record.Name, Reason = damage }, cancellationToken: cancellationToken);
                }
            }

            if (candidates.Length == 0)
            {
                throw new CommandException($"{id} has no checkpoint that could be restored", ExitCodes.NotFound);
            }

            return ExitCodes.Invalid;
        }));
        return command;
    }

    private static DocumentedCommand Pin(string word, SimulationVerb verb, string description)
    {
        var (simulation, stage, data, json) = Common();
        var name = NameOf();
        var command = new DocumentedCommand(
            word, description, [$"orchestrator checkpoint {word} s-co2-ensemble-control-1 e2/step-00001600"],
            (ExitCodes.Success, "done, or it was so already"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        { simulation, name, stage, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var id = parsed.GetRequiredValue(simulation);
            var (view, record) = await FindAsync(client, id, parsed.GetValue(stage), parsed.GetRequiredValue(name), cancellationToken);
            return Tell(context, $"{record.Name} of {view.Name}", await client.ControlCheckpointsAsync(new(id), verb, new() { Stage = view.Name, Checkpoint = record.Name }, cancellationToken: cancellationToken));
        }));
        return command;
    }

    private static DocumentedCommand Prune()
    {
        var (simulation, stage, data, json) = Common();
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
        var (simulation, stage, data, json) = Common();
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

    private static (Argument<string> Simulation, Option<string?> Stage, Option<string?> Data, Option<bool> Json) Common() =>
        (new("SIMULATION") { Description = SimulationText }, new("--stage") { Description = "Only of this stage. Default: all.", HelpName = "NAME" }, CommonOptions.Data(), CommonOptions.Json());

    private static Argument<string> NameOf() => new("CHECKPOINT") { Description = "Its name in the list." };

    private static async Task<StageView[]> StagesAsync(OrchestratorClient client, string simulation, string? stage, CancellationToken cancellationToken)
    {
        var view = await client.GetSimulationAsync(new SimulationId(simulation), cancellationToken);
        return stage is null || view.Stages.Any(other => other.Name == stage)
            ? [.. view.Stages.Where(other => stage is null || other.Name == stage)]
            : throw new CommandException($"{simulation} has no stage {stage}; it has {string.Join(", ", view.Stages.Select(static other => other.Name))}", ExitCodes.NotFound);
    }

    private static async Task<(StageView View, CheckpointRecord Record)> FindAsync(OrchestratorClient client, string simulation, string? stage, string name, CancellationToken cancellationToken)
    {
        var found = (await StagesAsync(client, simulation, stage, cancellationToken)).SelectMany(static view => view.Checkpoints.Select(record => (view, record))).Where(pair => pair.record.Name == name).ToArray();
        return found switch
        {
            [var one] => one,
            [] => throw new CommandException($"{simulation} has no checkpoint {name}; `orchestrator checkpoint list {simulation}` lists them", ExitCodes.NotFound),
            _ => throw new CommandException($"several stages of {simulation} have a checkpoint {name}: name the stage with --stage", ExitCodes.Unreadable),
        };
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

    private static string Size(long bytes) => bytes switch
    {
        >= 10_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB"),
        >= 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0} MB"),
        >= 10_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
    };
}
