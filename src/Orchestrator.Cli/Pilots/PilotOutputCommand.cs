using System.CommandLine;
using Orchestrator.Cli.Commands;
using Orchestrator.Pilot.Journal;

namespace Orchestrator.Cli.Pilots;

/// <summary><c>orchestrator pilot output TASK</c>: what one task wrote, where output is packed.</summary>
internal static class PilotOutputCommand
{
    public static Command Create()
    {
        var task = new Argument<string>("TASK") { Description = "Id of a task." };
        var database = new Option<string>("--db") { Description = "The database of the campaign.", HelpName = "FILE", Required = true };
        var errors = new Option<bool>("--errors") { Description = "What it wrote to standard error." };
        var command = new DocumentedCommand(
            "output", "Print what the last attempt of a task wrote, where output is packed.", ["orchestrator pilot output t17 --db state.db"],
            DocumentedCommand.Done, DocumentedCommand.Usage, (ExitCodes.NotFound, "no such task, or none of its attempts has ended"))
        {
            task, database, errors,
        };
        command.SetAction(parsed =>
        {
            try
            {
                if (PackedReader.Find(parsed.GetRequiredValue(database), parsed.GetRequiredValue(task), parsed.GetValue(errors)) is not { } part)
                {
                    parsed.InvocationConfiguration.Error.WriteLine($"there is no packed output of {parsed.GetRequiredValue(task)}");
                    return ExitCodes.NotFound;
                }

                using var file = File.OpenRead(part.File);
                using var output = Console.OpenStandardOutput();
                file.Position = part.From;
                var buffer = new byte[64 * 1024];
                for (var left = part.Length; left > 0;)
                {
                    var read = file.Read(buffer, 0, (int)Math.Min(buffer.Length, left));
                    if (read == 0)
                    {
                        break;
                    }

                    output.Write(buffer, 0, read);
                    left -= read;
                }

                return ExitCodes.Success;
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JournalException)
            {
                parsed.InvocationConfiguration.Error.WriteLine(fault.Message);
                return ExitCodes.Unreadable;
            }
        });
        return command;
    }
}
