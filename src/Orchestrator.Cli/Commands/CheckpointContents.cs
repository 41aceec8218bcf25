using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.CheckpointStore;
using Orchestrator.Cli.Reports;
using Orchestrator.Core.Checkpoints;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator checkpoint verify|restore</c>: what reads every byte of checkpoints, and marks those damaged that are.</summary>
internal static class CheckpointContents
{
    public static DocumentedCommand Verify()
    {
        var (simulation, stage, data, json) = CheckpointChoice.Options();
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
                ? [await CheckpointChoice.FindAsync(client, id, parsed.GetValue(stage), asked, cancellationToken)]
                : (await CheckpointChoice.StagesAsync(client, id, parsed.GetValue(stage), cancellationToken)).SelectMany(static view => view.Checkpoints.Select(record => (View: view, Record: record))).ToArray();
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

    public static DocumentedCommand Restore()
    {
        var (simulation, stage, data, json) = CheckpointChoice.Options();
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
                ? [await CheckpointChoice.FindAsync(client, id, parsed.GetValue(stage), asked, cancellationToken)]
                : (await CheckpointChoice.StagesAsync(client, id, parsed.GetValue(stage), cancellationToken)).SelectMany(static view => view.Checkpoints.Select(record => (View: view, Record: record)))
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
                        context.Output.WriteLine($"{record.Name} of {view.Name}{(record.Step >= 0 ? string.Create(CultureInfo.InvariantCulture, $", step {record.Step}") : "")}: {ReportText.Size(record.Bytes)} restored to {place}");
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
}
