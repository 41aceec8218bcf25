using Climate.Commands;
using Climate.Protocol;

try
{
    return args switch
    {
        ["--help" or "-h" or "help", ..] => Print(HelpText.Text),
        ["--version"] => Print("climate 0.1.0"),
        ["check" or "--check", var path] => CheckCommand.Run(path, Console.Out, Console.Error),
        ["diagnose", var path] => DiagnoseCommand.Run(path, ReadEnvironment(), Console.Out),
        ["compare", var first, var second] => CompareCommand.Run(first, second, Console.Out),
        ["check" or "--check" or "diagnose" or "compare", ..] => throw new UsageException($"{args[0]}: wrong number of arguments; climate --help shows them"),
        ["run", .. var options] => Run(options),
        _ => Run(args),
    };
}
catch (Exception e) when (e is UsageException or InvalidDataException or FileNotFoundException or DirectoryNotFoundException)
{
    Console.Error.WriteLine($"climate: {e.Message}");
    return ExitCode.Usage;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"climate: {e.Message}");
    return ExitCode.InputOutput;
}
catch (ArithmeticException e)
{
    Console.Error.WriteLine($"climate: {e.Message}");
    return ExitCode.Numerics;
}

static int Run(IReadOnlyList<string> arguments)
{
    if (arguments.Any(a => a is "--help" or "-h"))
    {
        return Print(HelpText.Text);
    }

    var options = RunOptions.Parse(arguments);

    // Signals are caught from before the first file is touched: TERM during the start leaves after the first step.
    using var leave = new LeaveRequest();
    leave.Listen();
    using var command = new RunCommand(options, ReadEnvironment(), TimeProvider.System, leave);
    return command.Run();
}

static RunEnvironment ReadEnvironment() => RunEnvironment.Read(Environment.GetEnvironmentVariable);

static int Print(string text)
{
    Console.Out.WriteLine(text);
    return ExitCode.Done;
}
