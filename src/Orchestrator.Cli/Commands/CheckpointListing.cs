using System.Globalization;
using Orchestrator.CheckpointStore;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator checkpoint list|show</c>: what the catalogue of a simulation says.</summary>
internal static class CheckpointListing
{
    public static DocumentedCommand List()
    {
        var (simulation, stage, data, json) = CheckpointChoice.Options();
        var command = new DocumentedCommand(
            "list", "List the checkpoints of a simulation, the newest first, and how each stage is checkpointed.", ["orchestrator checkpoint list s-co2-ensemble-control-1"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        { simulation, stage, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var stages = await CheckpointChoice.StagesAsync(client, parsed.GetRequiredValue(simulation), parsed.GetValue(stage), cancellationToken);
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
                        ReportText.Word(record.Status.ToString()) + (record.Pinned ? ", pinned" : "") + (record.PassedOver ? ", passed over" : "") + (record.Kind is CheckpointKind.Full or CheckpointKind.Absent ? "" : $", {ReportText.Word(record.Kind.ToString())}"),
                        ReportText.Size(record.Bytes), DurationWords.Of(record.Cost), DurationWords.Of(record.Flush));
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

    public static DocumentedCommand Show()
    {
        var (simulation, stage, data, json) = CheckpointChoice.Options();
        var name = CheckpointChoice.Name();
        var command = new DocumentedCommand(
            "show", "Show one checkpoint with its files.", ["orchestrator checkpoint show s-co2-ensemble-control-1 e2/step-00001600"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        { simulation, name, stage, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var (view, record) = await CheckpointChoice.FindAsync(client, parsed.GetRequiredValue(simulation), parsed.GetValue(stage), parsed.GetRequiredValue(name), cancellationToken);
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

            context.Output.WriteLine($"{record.Name} of {view.Name}: {ReportText.Word(record.Status.ToString())}{(record.Pinned ? ", pinned" : "")}{(record.PassedOver ? ", passed over" : "")}, {ReportText.Size(record.Bytes)}, taken {ReportText.Moment(record.TakenAt)} by {record.Attempt}");
            context.Output.WriteLine($"  {CheckpointFiles.DirectoryOf(context.Data, record)}");
            foreach (var file in manifest.Files)
            {
                context.Output.WriteLine($"  {file.Sha256[..16]}  {ReportText.Size(file.Size),10}  {file.Name}");
            }

            foreach (var file in manifest.Appended)
            {
                context.Output.WriteLine($"  {(file.Sha256.Length > 16 ? file.Sha256[..16] : file.Sha256)}  {ReportText.Size(file.Size),10}  the beginning of {file.Name}, which is only appended to");
            }

            return ExitCodes.Success;
        }));
        return command;
    }
}
