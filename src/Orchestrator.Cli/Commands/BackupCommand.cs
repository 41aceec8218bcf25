using System.CommandLine;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator backup FILE</c>.</summary>
internal static class BackupCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "Where the copy goes, on the silo's machine; it must not exist yet." };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "backup", "Copy the database while it is in use. To restore: stop the silo, and put the copy in the place of orchestrator.db. Results and checkpoints are files: copy them with your own tools.",
            ["orchestrator backup /backup/study-monday.db"], DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        {
            file, data, json,
        };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var path = Path.GetFullPath(parsed.GetRequiredValue(file));
            using var client = context.Connect();
            await client.BackupAsync(path, cancellationToken: cancellationToken);
            if (context.Json)
            {
                context.WriteJson(new { Path = path });
            }
            else
            {
                context.Output.WriteLine($"{path} is written");
            }

            return ExitCodes.Success;
        }));
        return command;
    }
}
