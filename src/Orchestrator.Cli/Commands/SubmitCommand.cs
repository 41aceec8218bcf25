using System.CommandLine;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Cli.Plans;
using Orchestrator.Cli.Reports;
using Orchestrator.Client;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator submit FILE</c>.</summary>
internal static class SubmitCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "A campaign file, YAML or JSON." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Submit nothing: print the stages, the critical path and how long it would take on the nodes." };
        var nodes = new Option<int?>("--nodes") { Description = "With --dry-run: so many nodes. Default: those that are there, else what the largest stage needs.", HelpName = "N" };
        var cores = new Option<int?>("--cores") { Description = "With --dry-run: cores of each of them.", HelpName = "N" };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "submit", "Submit a campaign file. Submitting it again changes nothing; with more members it adds what is missing.",
            ["orchestrator submit campaign.yaml", "orchestrator submit campaign.yaml --dry-run --nodes 8 --cores 16"],
            (ExitCodes.Success, "accepted, now or before"), (ExitCodes.Unreadable, "mistakes in the file, each with its line; or it cannot be read"), DocumentedCommand.NotFound, DocumentedCommand.Refused)
        {
            file, dryRun, nodes, cores, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var source = parsed.GetRequiredValue(file);
            var text = await ReadAsync(source, cancellationToken);
            if (parsed.GetValue(dryRun))
            {
                return await PlanAsync(context, source, text, parsed.GetValue(nodes), parsed.GetValue(cores), cancellationToken);
            }

            using var client = context.Connect();
            try
            {
                var accepted = await client.SubmitCampaignAsync(text, cancellationToken: cancellationToken);
                if (context.Json)
                {
                    context.WriteJson(accepted);
                }
                else
                {
                    context.Output.WriteLine(Tell(accepted));
                    foreach (var (stage, conflict) in CampaignFile.Read(text).Campaign is { } campaign ? CampaignPlan.CheckpointConflicts(campaign) : [])
                    {
                        context.Output.WriteLine($"checkpoints of {stage}: {conflict}");
                    }

                    context.Output.WriteLine($"Follow it: orchestrator watch {accepted.Name}");
                }

                return ExitCodes.Success;
            }
            catch (OrchestratorClientException fault)
            {
                return context.Report(fault, source.ToString());
            }
        }));
        return command;
    }

    /// <summary>The campaign with the files of tasks that it names.</summary>
    /// <exception cref="CommandException">It cannot be read.</exception>
    public static async Task<string> ReadAsync(FileInfo file, CancellationToken cancellationToken)
    {
        try
        {
            return WithTasks(file, await File.ReadAllTextAsync(file.FullName, cancellationToken));
        }
        catch (FormatException wrong)
        {
            throw new CommandException($"{file}: {wrong.Message}", ExitCodes.Unreadable);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{file} cannot be read: {fault.Message}", ExitCodes.Unreadable);
        }
    }

    /// <exception cref="FormatException">It names a file that is no file of tasks.</exception>
    public static string WithTasks(FileInfo file, string text) => TaskFileInclude.Into(text, path => File.ReadAllText(Path.Combine(file.DirectoryName ?? "", path)));

    public static string Tell(CampaignSummary accepted) =>
        accepted.Repeated
            ? $"{accepted.Name}: was submitted before; nothing changed."
            : $"{accepted.Name}: submitted, {ReportText.Of(accepted.Simulations.Length, "simulation")} for {accepted.Project}.";

    private static async Task<int> PlanAsync(CommandContext context, FileInfo source, string text, int? nodes, int? cores, CancellationToken cancellationToken)
    {
        var reading = CampaignFile.Read(text);
        if (reading.Campaign is not { } campaign)
        {
            foreach (var problem in reading.Problems)
            {
                context.Error.WriteLine($"{source}:{problem}");
            }

            return ExitCodes.Unreadable;
        }

        if (nodes is < 1 || cores is < 1)
        {
            throw new CommandException("--nodes and --cores must be at least 1", ExitCodes.Unreadable);
        }

        var (nodeCount, coreCount) = CampaignPlan.LargestOf(campaign);
        if (nodes is null && cores is null && await AliveAsync(context, cancellationToken) is { Count: > 0 } alive)
        {
            (nodeCount, coreCount) = (alive.Count, alive.Min());
        }

        var plan = CampaignPlan.Of(campaign, nodes ?? nodeCount, cores ?? coreCount);
        var now = context.Clock.GetUtcNow();
        if (context.Json)
        {
            context.WriteJson(new
            {
                campaign.Name,
                Simulations = campaign.Simulations.Length,
                Levels = plan.Each.Levels,
                plan.Each.CriticalPath,
                CriticalPathSeconds = plan.Each.CriticalPathDuration.TotalSeconds,
                plan.CoreHours,
                plan.Nodes,
                plan.CoresPerNode,
                MakespanSeconds = plan.Makespan.Duration?.TotalSeconds,
                MakespanIsLowerBound = plan.Makespan.IsBound,
                CannotStart = plan.Makespan.Misfit?.Name,
            });
        }
        else
        {
            plan.Write(now, context.Output);
            context.Output.WriteLine("Nothing was submitted.");
        }

        return plan.Makespan.Misfit is null ? ExitCodes.Success : ExitCodes.Invalid;
    }

    /// <summary>Cores of each node that is alive; null when nothing runs.</summary>
    private static async Task<List<int>?> AliveAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var client = context.Connect();
        try
        {
            return await client.ListNodesAsync(cancellationToken).Where(static node => node.Status == Core.Nodes.NodeStatus.Alive).Select(static node => node.Capabilities.Cores).ToListAsync(cancellationToken);
        }
        catch (OrchestratorClientException fault) when (fault.IsUnreachable)
        {
            return null;
        }
    }
}
