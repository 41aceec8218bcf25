using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Cli.Alerts;

/// <summary>A shell line of the user that is told something on its input.</summary>
internal static class ShellLine
{
    /// <summary>Null: it took it, with exit status 0; else why not, as a phrase.</summary>
    public static async Task<string?> TellAsync(string line, string text, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(line);
        using var process = Process.Start(start);
        if (process is null)
        {
            return "it could not be started";
        }

        try
        {
            await process.StandardInput.WriteLineAsync(text.AsMemory(), cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It does not read its input: its exit status tells whether that was right.
        }

        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"exit status {process.ExitCode}");
    }
}
