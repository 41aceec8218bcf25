using System.CommandLine;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator run FILE</c>: everything that a campaign needs on this machine, from nothing to its end.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "A campaign file, YAML or JSON." };
        var agents = new Option<int?>("--agents") { Description = "Start so many agents, which share this machine's cores and memory. Default: one for the machine, none when nodes are there already.", HelpName = "N" };
        var all = new Option<bool>("--all") { Description = "Print every event: progress, queue and estimates too." };
        var data = CommonOptions.Data();
        var json = new Option<bool>("--json") { Description = "Print each event, and at last the campaign, as one line of JSON each." };
        var command = new DocumentedCommand(
            "run",
            "Run a campaign on this machine and follow it: starts a silo and agents in the background unless they run, submits, and ends what it started when all is done. "
            + "Programs are found on the PATH that this command has. Ctrl-C leaves the campaign running; a second Ctrl-C within 5 s stops it with a checkpoint, and the same command goes on later.",
            ["orchestrator run campaign.yaml", "orchestrator run campaign.yaml --agents 4 --data /scratch/me/study"],
            (ExitCodes.Success, "all simulations completed"), (ExitCodes.Invalid, "it ended, and something failed or was cancelled"),
            (ExitCodes.Unreadable, "mistakes in the file, each with its line; or it cannot be read"), (ExitCodes.NotFound, "the silo or an agent did not start, or went away"), DocumentedCommand.Refused,
            (ExitCodes.Interrupted, "left or stopped with Ctrl-C"))
        {
            file, agents, all, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var source = parsed.GetRequiredValue(file);
            var text = await SubmitCommand.ReadAsync(source, cancellationToken);
            var reading = CampaignFile.Read(text);
            if (reading.Campaign is null)
            {
                foreach (var problem in reading.Problems)
                {
                    context.Error.WriteLine($"{source}:{problem}");
                }

                return ExitCodes.Unreadable;
            }

            if (parsed.GetValue(agents) is < 0 or > 256)
            {
                throw new CommandException("--agents must be 0 to 256", ExitCodes.Unreadable);
            }

            using var run = new CampaignRun(context, source, text, parsed.GetValue(agents), parsed.GetValue(all));
            return await run.RunAsync(cancellationToken);
        }));
        return command;
    }
}
