using System.CommandLine;

namespace Orchestrator.Cli;

/// <summary><c>orchestrator schema</c>: the JSON Schema of campaign files, for editors.</summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var command = new Command("schema", "Print the JSON Schema of campaign files, for editors. Exit status: 0 printed.");
        command.SetAction(static parsed =>
        {
            using var stream = typeof(SchemaCommand).Assembly.GetManifestResourceStream("campaign-file.schema.json")!;
            using var reader = new StreamReader(stream);
            parsed.InvocationConfiguration.Output.Write(reader.ReadToEnd());
            return ExitCodes.Success;
        });
        return command;
    }
}
