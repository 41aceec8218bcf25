using System.CommandLine;
using System.Globalization;
using System.Net;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Client;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator clean [NAME]</c>: makes room where retention left files.</summary>
internal static class CleanCommand
{
    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };

    public static Command Create()
    {
        var name = new Argument<string?>("NAME") { Description = "A campaign, or a simulation (s-…). Without it: all that have files here.", Arity = ArgumentArity.ZeroOrOne };
        var stage = new Option<string?>("--stage") { Description = "Only of this stage. Default: all.", HelpName = "NAME" };
        var all = new Option<bool>("--all") { Description = "The newest run directory of each stage that has ended goes, too." };
        var dry = new Option<bool>("--dry-run") { Description = "Only list what would go." };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "clean", "Make room: remove the run directories and half-written checkpoints of attempts that are over. Logs, checkpoints and published outputs stay, and so does what lives, may still run, "
            + "or is needed by a restart; `keep_runs` of a campaign does the same by itself.",
            ["orchestrator clean --dry-run", "orchestrator clean s-co2-ensemble-control-1 --stage coupled"],
            (ExitCodes.Success, "done, or asked for: each is removed once the cluster says that nothing of it runs"), DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        {
            name, stage, all, dry, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            using var client = context.Connect();
            var (only, whole) = (parsed.GetValue(stage), parsed.GetValue(all));
            var (views, unknown) = await FindAsync(context, client, parsed.GetValue(name), cancellationToken);
            if (only is not null && !views.Any(view => view.Stages.Any(other => other.Name == only)))
            {
                throw new CommandException($"nothing here has a stage {only}", ExitCodes.NotFound);
            }

            List<Leftover> found = [.. views.SelectMany(view => Of(context.Data, view, only, whole))];
            if (!parsed.GetValue(dry))
            {
                foreach (var view in views.Where(view => only is null || view.Stages.Any(other => other.Name == only)))
                {
                    await client.CleanAsync(view.Id, new() { Stage = only, All = whole }, cancellationToken: cancellationToken);
                }
            }

            Write(context, found, unknown, parsed.GetValue(dry));
            return ExitCodes.Success;
        }));
        return command;
    }

    /// <summary>What of a simulation would go, and what stays with the reason why.</summary>
    internal static IEnumerable<Leftover> Of(string data, SimulationView view, string? only, bool all)
    {
        foreach (var stage in view.Stages.Where(stage => only is null || stage.Name == only))
        {
            for (var epoch = 1; epoch <= stage.Epoch; epoch++)
            {
                var attempt = new AttemptId(view.Id, stage.Name, epoch);
                var run = Path.Combine(data, RunLayout.RunDirectory(attempt));
                if (!Directory.Exists(run))
                {
                    continue;
                }

                var held = stage.HeldRuns.FirstOrDefault(one => one.Epoch == epoch && !(one.IsNewest && all))?.Why
                    ?? (epoch <= stage.Epoch - KeptRun.KnownMax ? $"only the newest {KeptRun.KnownMax} attempts are known well enough; remove it by hand once nothing of it runs" : null);
                yield return new(attempt, run, Size(run), held);
            }
        }
    }

    private static async Task<(List<SimulationView> Views, List<string> Unknown)> FindAsync(CommandContext context, OrchestratorClient client, string? name, CancellationToken cancellationToken)
    {
        List<SimulationView> views = [];
        List<string> unknown = [];
        if (name is not null)
        {
            var target = await Target.FindAsync(client, name, cancellationToken);
            foreach (var id in target.Campaign?.Simulations ?? [target.Simulation!.Id])
            {
                views.Add(target.Simulation ?? await client.GetSimulationAsync(id, cancellationToken));
            }

            return (views, unknown);
        }

        var runs = Path.Combine(context.Data, "runs");
        string[] folders = Directory.Exists(runs) ? Directory.GetDirectories(runs) : [];
        foreach (var folder in folders.Order(StringComparer.Ordinal))
        {
            if (!SimulationId.TryParse(Path.GetFileName(folder), out var id))
            {
                unknown.Add(folder);
                continue;
            }

            try
            {
                views.Add(await client.GetSimulationAsync(id, cancellationToken));
            }
            catch (OrchestratorClientException fault) when (fault.Status == HttpStatusCode.NotFound)
            {
                unknown.Add(folder);
            }
        }

        return (views, unknown);
    }

    /// <summary>Files with two names count twice: it is the most that is gained.</summary>
    private static long Size(string directory) => new DirectoryInfo(directory).EnumerateFiles("*", Everything).Sum(static file => file.Length);

    private static void Write(CommandContext context, List<Leftover> found, List<string> unknown, bool isDry)
    {
        Leftover[] going = [.. found.Where(static one => one.Held is null)], staying = [.. found.Where(static one => one.Held is not null)];
        if (context.Json)
        {
            context.WriteJson(new { DryRun = isDry, Removed = going.Select(Row), Kept = staying.Select(Row), Unknown = unknown });
            return;
        }

        if (going.Length > 0)
        {
            var table = new TextTable("ATTEMPT", "SIZE", "RUN DIRECTORY");
            foreach (var one in going)
            {
                table.Add(one.Attempt.ToString(), Words.Bytes(one.Bytes), one.Directory);
            }

            table.Write(context.Output, context.Style);
        }

        var gained = $"{ReportText.Of(going.Length, "run directory", "run directories")} of {Words.Bytes(going.Sum(static one => one.Bytes))}";
        context.Output.WriteLine(going.Length == 0 ? "nothing is left to remove" : isDry ? $"{gained} would go" : $"{gained} are removed as soon as the cluster says that nothing of them runs");
        foreach (var one in staying)
        {
            context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{one.Attempt} stays ({Words.Bytes(one.Bytes)}): {one.Held}"));
        }

        foreach (var folder in unknown)
        {
            context.Output.WriteLine($"{folder} belongs to no simulation that is known here: remove it by hand");
        }
    }

    private static object Row(Leftover one) => new { Attempt = one.Attempt.ToString(), one.Directory, one.Bytes, one.Held };

    /// <summary>A run directory of an attempt that is over, or not.</summary>
    /// <param name="Attempt">Whose.</param>
    /// <param name="Directory">Absolute.</param>
    /// <param name="Bytes">Of all its files.</param>
    /// <param name="Held">Why it stays; null: it would go.</param>
    internal sealed record Leftover(AttemptId Attempt, string Directory, long Bytes, string? Held);
}
