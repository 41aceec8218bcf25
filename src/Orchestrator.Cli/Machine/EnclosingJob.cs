using System.ComponentModel;
using System.Diagnostics;
using Orchestrator.Pilot.Batch;

namespace Orchestrator.Cli.Machine;

/// <summary>The batch job that this command runs in: Slurm's, PBS' or LSF's.</summary>
internal static class EnclosingJob
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(10);

    /// <summary>Null outside of a batch job, and where its variables cannot be read, which is told.</summary>
    public static BatchJob? Read(TextWriter error)
    {
        try
        {
            return BatchJob.Read(Environment.GetEnvironmentVariable, Lines, Environment.MachineName, HasProgram);
        }
        catch (FormatException fault)
        {
            error.WriteLine($"the variables of the batch job cannot be read: {fault.Message}");
            return null;
        }
    }

    /// <summary>When it ends; null: nobody knows. Its batch system may be asked, which takes some seconds at most.</summary>
    public static DateTimeOffset? EndOf(BatchJob job) => BatchEnd.Of(job, Environment.GetEnvironmentVariable, Ask, SessionStart.Read(), TimeProvider.System.GetLocalNow());

    private static bool HasProgram(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, name)));

    /// <summary>What a program prints in time; null: nothing that counts. Before there are children of other kinds.</summary>
    private static string? Ask(string program, string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(AnswerWithin))
            {
                process.Kill(entireProcessTree: true);
                return null;
            }

            return process.ExitCode == 0 && error.Wait(TimeSpan.FromSeconds(1)) && output.Wait(TimeSpan.FromSeconds(1)) ? output.Result : null;
        }
        catch (Win32Exception)
        {
            // It is not there.
            return null;
        }
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
