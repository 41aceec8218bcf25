using System.CommandLine;
using System.CommandLine.Invocation;
using Orchestrator.Cli;

var parsed = CommandTree.Create(args.FirstOrDefault()).Parse(args.Length == 0 ? ["--help"] : args);
if (parsed.Action is ParseErrorAction)
{
    foreach (var mistake in parsed.Errors)
    {
        Console.Error.WriteLine(mistake.Message);
    }

    var words = new List<string>();
    for (var command = parsed.CommandResult; command is not null; command = command.Parent as System.CommandLine.Parsing.CommandResult)
    {
        words.Insert(0, command.Parent is null ? "orchestrator" : command.Command.Name);
    }

    Console.Error.WriteLine($"See `{string.Join(' ', words)} --help`.");
    return ExitCodes.Unreadable;
}

// Each command ends upon a signal in its own way; without this, a campaign could not be left in order.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
