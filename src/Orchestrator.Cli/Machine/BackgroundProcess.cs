using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Orchestrator.Cli.Machine;

/// <summary>This same command with other arguments, in a session of its own: no Ctrl-C and no closed terminal reaches it, and it outlives whoever started it.</summary>
internal sealed partial class BackgroundProcess : IDisposable
{
    private const int SigTerm = 15;

    private readonly Process process;

    private BackgroundProcess(string name, string log, Process process)
    {
        Name = name;
        Log = log;
        this.process = process;
    }

    public string Name { get; }

    /// <summary>Gets what it prints.</summary>
    public string Log { get; }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    /// <summary>Once it has exited.</summary>
    public int ExitStatus => process.ExitCode;

    /// <exception cref="IOException">It cannot be started.</exception>
    public static BackgroundProcess Start(string name, string log, IEnumerable<string> arguments)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        var start = new ProcessStartInfo("setsid") { UseShellExecute = false };

        // The shell opens the log and gives way to the command, whose process id is therefore that of what is started here.
        foreach (var word in (string[])["/bin/sh", "-c", "log=$1; shift; exec \"$@\" >> \"$log\" 2>&1 < /dev/null", "sh", log, .. Self(), .. arguments])
        {
            start.ArgumentList.Add(word);
        }

        try
        {
            return new(name, log, Process.Start(start) ?? throw new IOException($"{name} did not start"));
        }
        catch (Win32Exception fault)
        {
            throw new IOException($"{name} cannot be started with setsid: {fault.Message}", fault);
        }
    }

    /// <summary>Asks it to end in order.</summary>
    public void Terminate()
    {
        if (!process.HasExited)
        {
            _ = SendSignal(process.Id, SigTerm);
        }
    }

    public Task WaitForExitAsync(CancellationToken cancellationToken) => process.WaitForExitAsync(cancellationToken);

    /// <summary>What it printed last, for whoever asks why it ended.</summary>
    public string LastWords(int lines = 5) => File.Exists(Log) ? string.Join(Environment.NewLine, File.ReadLines(Log).TakeLast(lines)) : "";

    public void Dispose() => process.Dispose();

    private static string[] Self()
    {
        var path = Environment.ProcessPath ?? throw new IOException("the path of this command is not known");
        return Path.GetFileNameWithoutExtension(path) == "dotnet" ? [path, Path.Combine(AppContext.BaseDirectory, "orchestrator.dll")] : [path];
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
