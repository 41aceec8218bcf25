using System.CommandLine;
using System.Text.Json;

namespace Orchestrator.Cli.Init;

/// <summary><c>orchestrator init [FILE]</c>: a campaign to begin with, with a comment at each part.</summary>
internal static class InitCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "Where to write it.", DefaultValueFactory = static _ => new("campaign.yaml") };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        var command = new Command("init", "Write a commented campaign file to begin with. Exit status: 0 written, 1 there is a file already, 2 it cannot be written.") { file, json };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(file), parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(FileInfo file, bool json, TextWriter output, TextWriter error)
    {
        if (file.Exists)
        {
            error.WriteLine($"{file} exists already; nothing was changed. Name another file.");
            return ExitCodes.Invalid;
        }

        try
        {
            using var template = typeof(InitCommand).Assembly.GetManifestResourceStream("campaign.yaml")!;
            using var target = new FileStream(file.FullName, FileMode.CreateNew, FileAccess.Write);
            template.CopyTo(target);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"{file} cannot be written: {fault.Message}");
            return ExitCodes.Unreadable;
        }

        output.WriteLine(json ? JsonSerializer.Serialize(new { file = file.FullName }) : $"{file} is written. Check it: orchestrator validate {file}. Run it: orchestrator run {file}");
        return ExitCodes.Success;
    }
}
