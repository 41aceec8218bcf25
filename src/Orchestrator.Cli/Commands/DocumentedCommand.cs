using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Orchestrator.Cli.Commands;

/// <summary>A command whose help ends with examples and its exit statuses.</summary>
internal sealed class DocumentedCommand(string name, string description, string[] examples, params (int Status, string Meaning)[] statuses) : Command(name, description)
{
    public static readonly (int Status, string Meaning) Done = (ExitCodes.Success, "done");
    public static readonly (int Status, string Meaning) Usage = (ExitCodes.Unreadable, "wrong usage, or bad input");
    public static readonly (int Status, string Meaning) NotFound = (ExitCodes.NotFound, "nothing runs on the data directory, or nothing has this name");
    public static readonly (int Status, string Meaning) Refused = (ExitCodes.Refused, "refused: no access, or its status does not allow it");

    /// <summary>Gives the help of the root, which all commands share, its last part.</summary>
    public static void ExtendHelp(RootCommand root)
    {
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Action = new Help((HelpAction)help.Action!);
        }
    }

    private void WriteEnd(TextWriter output)
    {
        output.WriteLine(examples.Length == 1 ? "Example:" : "Examples:");
        foreach (var example in examples)
        {
            output.WriteLine($"  {example}");
        }

        output.WriteLine();
        output.WriteLine("Exit status:");
        foreach (var (status, meaning) in statuses)
        {
            output.WriteLine($"  {status,-3} {meaning}");
        }

        output.WriteLine();
    }

    private sealed class Help(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var status = inner.Invoke(parseResult);
            if (parseResult.CommandResult.Command is DocumentedCommand command)
            {
                command.WriteEnd(parseResult.InvocationConfiguration.Output);
            }

            return status;
        }
    }
}
