using System.Diagnostics;

namespace Orchestrator.Cli.Tests;

/// <summary>Runs the command as a user does, as a process of its own.</summary>
internal static class CommandLine
{
    public static Task<(int Status, string Output, string Error)> RunAsync(params string[] arguments) => RunWithAsync([], arguments);

    /// <param name="variables">Beside those of the tests.</param>
    /// <param name="arguments">Behind the name of the command.</param>
    public static async Task<(int Status, string Output, string Error)> RunWithAsync(Dictionary<string, string> variables, params string[] arguments)
    {
        using var process = Start(variables, arguments);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }

    public static Process Start(params string[] arguments) => Start([], arguments);

    private static Process Start(Dictionary<string, string> variables, string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "orchestrator.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
