using System.Diagnostics;
using Orchestrator.Cli.Demo;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>What a command answered.</summary>
/// <param name="Status">The exit status.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
internal sealed record CommandResult(int Status, string Output, string Error)
{
    public string[] Errors => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Runs the command orchestrator to its end.</summary>
    public static async Task<CommandResult> RunAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "orchestrator"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in ClimateProgram.VariablesFor(AppContext.BaseDirectory))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    /// <summary>One line that says it, with the status that belongs to it, and nothing of the insides.</summary>
    public void ShouldBeOneLine(int status, params string[] words)
    {
        Errors.Length.ShouldBe(1, $"one line: {Error}");
        Status.ShouldBe(status, Error);
        Output.ShouldBeEmpty();
        foreach (var word in words)
        {
            Errors[0].ShouldContain(word);
        }

        Errors[0].ShouldNotContain("Exception");
        Errors[0].ShouldNotContain("   at ");
    }
}
