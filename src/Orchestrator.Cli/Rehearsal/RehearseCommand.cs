using System.CommandLine;
using Orchestrator.Cli.Commands;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Rehearsal;

/// <summary><c>orchestrator rehearse FILE</c>: what will happen to the program in month three, found out in minutes.</summary>
internal static class RehearseCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "A campaign file, YAML or JSON." };
        var stage = new Option<string?>("--stage") { Description = "The stage. Default: the one that is estimated to take longest. Stages that it needs run first.", HelpName = "NAME" };
        var minutes = new Option<double>("--minutes") { Description = "How long it may take altogether.", HelpName = "M", DefaultValueFactory = static _ => 5 };
        var tolerance = new Option<double>("--tolerance") { Description = "Numbers of outputs may differ by so much. Default: outputs are the same byte for byte.", HelpName = "X" };
        var keep = new Option<DirectoryInfo?>("--keep") { Description = "Work in this folder, which must be empty, and leave it. Default: a temporary one.", HelpName = "FOLDER" };
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "rehearse",
            "Find out in minutes how a program stands months: run one simulation and one stage of a campaign twice on this machine, once undisturbed and once asked for a checkpoint, killed, restored and asked to leave; "
            + "compare what came out, and say what a checkpoint costs and which interval is best. Nothing of it touches a data directory; what runs needs its programs on the PATH.",
            ["orchestrator rehearse campaign.yaml", "orchestrator rehearse campaign.yaml --stage coupled --minutes 10 --tolerance 1e-9"],
            (ExitCodes.Success, "fit for months"), (ExitCodes.Invalid, "something is not as it should be; the lines marked BAD say what"),
            (ExitCodes.Unreadable, "mistakes in the file, each with its line; or it cannot be read"), (ExitCodes.NotFound, "the silo or the agent did not run"), (ExitCodes.Interrupted, "ended with Ctrl-C"))
        {
            file, stage, minutes, tolerance, keep, json,
        };
        command.SetAction(CommandContext.Action(null, json, async (context, parsed, cancellationToken) =>
        {
            var source = parsed.GetRequiredValue(file);
            var reading = CampaignFile.Read(await SubmitCommand.ReadAsync(source, cancellationToken));
            if (reading.Campaign is not { } campaign)
            {
                foreach (var problem in reading.Problems)
                {
                    context.Error.WriteLine($"{source}:{problem}");
                }

                return ExitCodes.Unreadable;
            }

            if (parsed.GetValue(minutes) is not (>= 0.1 and <= 10_000) || parsed.GetValue(tolerance) is not >= 0)
            {
                throw new CommandException("--minutes is 0.1 to 10000, --tolerance is at least 0", ExitCodes.Unreadable);
            }

            var plan = RehearsalPlan.Of(campaign, parsed.GetValue(stage));
            var folder = parsed.GetValue(keep)?.FullName;
            if (folder is not null && Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            {
                throw new CommandException($"{folder} is not empty", ExitCodes.Unreadable);
            }

            var place = folder is null ? Directory.CreateTempSubdirectory("orchestrator-rehearsal-").FullName : Directory.CreateDirectory(folder).FullName;
            try
            {
                RehearsalReport report;
                using (var run = new RehearsalRun(plan, place, TimeSpan.FromMinutes(parsed.GetValue(minutes)), parsed.GetValue(tolerance), context.Clock, (context.Json ? context.Error : context.Output).WriteLine))
                {
                    report = await run.RunAsync(campaign.Name, cancellationToken);
                }

                if (context.Json)
                {
                    context.WriteJson(report);
                }
                else
                {
                    context.Output.WriteLine();
                    report.Write(context.Output);
                }

                return report.Passed ? ExitCodes.Success : ExitCodes.Invalid;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return ExitCodes.Interrupted;
            }
            finally
            {
                if (folder is null)
                {
                    Directory.Delete(place, recursive: true);
                }
            }
        }));
        return command;
    }
}
