using System.CommandLine;
using Orchestrator.Cli.Machine;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator doctor</c>: whether this machine and the data directory are fit for the work.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var shared = new Option<string[]>("--shared") { Description = "A further folder that programs use, which is checked like the data directory; can be repeated.", HelpName = "FOLDER" };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "doctor", "Check the data directory and this machine; each line says ok, warn or fail, and what to do.",
            ["orchestrator doctor", "orchestrator doctor --data /scratch/me/study --shared /project/input"],
            (ExitCodes.Success, "nothing fails"), (ExitCodes.Invalid, "something fails"), DocumentedCommand.Usage)
        {
            shared, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var findings = new List<Finding>();
            findings.AddRange(DirectoryCheck.Of("data directory", context.Data, mayBeMissing: true));
            foreach (var folder in parsed.GetValue(shared) ?? [])
            {
                findings.AddRange(DirectoryCheck.Of("shared folder", Path.GetFullPath(folder), mayBeMissing: false));
            }

            findings.AddRange(MachineCheck.All(context.Clock));
            findings.AddRange(ProgramCheck.All());
            findings.Add(CompressionCheck.All());
            findings.Add(await GatewayCheck.OfAsync(context, cancellationToken));
            if (context.Json)
            {
                context.WriteJson(findings);
            }
            else
            {
                foreach (var finding in findings)
                {
                    context.Output.WriteLine($"{context.Style.Status(finding.Grade.ToString().ToLowerInvariant()),-4}  {finding.Subject}: {finding.Text}");
                }
            }

            return findings.Any(static finding => finding.Grade == Grade.Fail) ? ExitCodes.Invalid : ExitCodes.Success;
        }));
        return command;
    }
}
