using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Orchestrator.Cli.Demo;

/// <summary>
/// The processes of the demo: silo and agents in sessions of their own, each with a mark in its environment that everything below it inherits, so that all of it is
/// found again even when its parent is gone.
/// </summary>
internal sealed partial class DemoProcesses : IDisposable
{
    private const string Mark = "CLIMATE_DEMO_MARK";
    private const int SigKill = 9;

    private readonly string id;
    private readonly string logs;
    private readonly string dataDirectory;
    private readonly IReadOnlyList<string> self;

    /// <summary>Replaced as a whole, since the undisturbed run starts its processes beside the rest.</summary>
    private ImmutableList<(string Name, Process Process)> started = [];

    /// <param name="dataDirectory">Marks everything that runs on it.</param>
    /// <param name="logs">The folder that gets NAME.log of each process.</param>
    /// <param name="self">The command orchestrator; null: as this process was started.</param>
    public DemoProcesses(string dataDirectory, string logs, IReadOnlyList<string>? self = null)
    {
        this.self = self ?? SelfCommand();
        this.dataDirectory = dataDirectory;
        this.logs = logs;
        id = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}:{dataDirectory}");
    }

    /// <summary>Starts the command orchestrator. A name may be used again once what had it has ended: its log goes on.</summary>
    /// <exception cref="IOException">It cannot be started.</exception>
    /// <param name="name">Of its log.</param>
    /// <param name="arguments">Of the command.</param>
    /// <param name="environment">Variables on top of ours.</param>
    /// <param name="through">A command that runs it, as <c>ip netns exec NAME</c>; null: none.</param>
    public void StartSelf(string name, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, IEnumerable<string>? through = null) =>
        Start(name, [.. through ?? [], .. self, .. arguments], environment);

    /// <summary>Runs a shell line to its end at the lowest priority.</summary>
    /// <returns>The exit status.</returns>
    public async Task<int> RunShellAsync(string name, string line, string folder, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var process = Start(name, ["nice", "-n", "19", "/bin/sh", "-c", line], environment, folder);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode;
    }

    /// <summary>Null while all of them run; else the name of one that ended, and the last lines of its log.</summary>
    public string? Ended(IEnumerable<string> names)
    {
        foreach (var (name, process) in started)
        {
            if (names.Contains(name) && process.HasExited)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{name} ended with status {process.ExitCode}:{Environment.NewLine}{LogTail(name)}");
            }
        }

        return null;
    }

    public string LogTail(string name)
    {
        var path = Path.Combine(logs, name + ".log");
        return File.Exists(path) ? string.Join(Environment.NewLine, File.ReadLines(path).TakeLast(15)) : "";
    }

    /// <summary>A signal to the process alone: what it started goes on.</summary>
    public void Signal(string name, int signal) => _ = SendSignal(Newest(name).Id, signal);

    /// <summary>Waits until the process has ended.</summary>
    public Task WaitForExitAsync(string name, CancellationToken cancellationToken) => Newest(name).WaitForExitAsync(cancellationToken);

    /// <summary>SIGKILL to a process and to everything that it started, as when the power fails.</summary>
    /// <returns>How many processes were killed.</returns>
    public int Kill(string name)
    {
        var leader = Newest(name).Id;
        var mark = MarkOf(name);
        var killed = new HashSet<int>();

        // Everything is found before the first is killed: who has lost its parent is found by its mark alone.
        var found = WithDescendants([leader, .. Marked(entry => entry == mark)]);
        found.Remove(leader);
        Send(leader, killed);
        while (found.Count > 0)
        {
            foreach (var process in found)
            {
                Send(process, killed);
            }

            found = WithDescendants(Marked(entry => entry == mark));
            found.ExceptWith(killed);
        }

        return killed.Count;
    }

    /// <summary>SIGKILL to the processes of one attempt, as when its node runs out of memory.</summary>
    /// <param name="runDirectory">Its run directory ends so.</param>
    /// <returns>How many processes were killed.</returns>
    public static int KillRun(string runDirectory)
    {
        var killed = new HashSet<int>();
        for (var found = Found(); found.Count > 0; found = Found())
        {
            foreach (var process in found)
            {
                Send(process, killed);
            }

            found.ExceptWith(killed);
        }

        return killed.Count;

        HashSet<int> Found()
        {
            var all = WithDescendants(Marked(entry => entry.StartsWith("ORCHESTRATOR_RUN_DIR=", StringComparison.Ordinal) && entry.EndsWith(runDirectory, StringComparison.Ordinal)));
            all.ExceptWith(killed);
            return all;
        }
    }

    /// <summary>SIGKILL to all that was started and to everything below it; returns when nothing is left.</summary>
    public void KillAll()
    {
        var runs = $"ORCHESTRATOR_RUN_DIR={dataDirectory}/";
        var mine = started.Where(static one => !one.Process.HasExited).Select(static one => one.Process.Id).ToArray();
        var found = WithDescendants([.. mine, .. Marked(IsMine)]);
        while (found.Count > 0)
        {
            foreach (var process in found)
            {
                _ = SendSignal(process, SigKill);
            }

            foreach (var (_, process) in started)
            {
                process.WaitForExit();
            }

            found = WithDescendants(Marked(IsMine));
        }

        bool IsMine(string entry) => entry.StartsWith($"{Mark}={id}/", StringComparison.Ordinal) || entry.StartsWith(runs, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        KillAll();
        foreach (var (_, process) in started)
        {
            process.Dispose();
        }
    }

    /// <summary>How this command was started: its own executable, or dotnet and an assembly.</summary>
    private static string[] SelfCommand()
    {
        var path = Environment.ProcessPath ?? throw new IOException("The path of this command is not known.");
        return Path.GetFileNameWithoutExtension(path) == "dotnet" ? [path, Path.Combine(AppContext.BaseDirectory, "orchestrator.dll")] : [path];
    }

    private Process Start(string name, string[] command, IReadOnlyDictionary<string, string> environment, string? folder = null)
    {
        // A session of its own, so that Ctrl-C on a terminal reaches only the demo; the shell in between gives way to the command.
        var start = new ProcessStartInfo("setsid") { UseShellExecute = false, WorkingDirectory = folder ?? "" };
        foreach (var word in (string[])["/bin/sh", "-c", "log=$1; shift; exec \"$@\" >> \"$log\" 2>&1 < /dev/null", "sh", Path.Combine(logs, name + ".log"), .. command])
        {
            start.ArgumentList.Add(word);
        }

        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        start.Environment[Mark] = MarkOf(name)[(Mark.Length + 1)..];
        try
        {
            var process = Process.Start(start) ?? throw new IOException($"{name} did not start.");
            ImmutableInterlocked.Update(ref started, static (all, one) => all.Add(one), (name, process));
            return process;
        }
        catch (Win32Exception fault)
        {
            throw new IOException($"{name} cannot be started by setsid: {fault.Message}", fault);
        }
    }

    private Process Newest(string name) => started.FindLast(one => one.Name == name).Process ?? throw new ArgumentException($"Nothing was started as {name}.", nameof(name));

    private string MarkOf(string name) => $"{Mark}={id}/{name}";

    private static void Send(int process, HashSet<int> killed)
    {
        if (SendSignal(process, SigKill) == 0)
        {
            killed.Add(process);
        }
    }

    private static List<int> Marked(Func<string, bool> isMine)
    {
        var found = new List<int>();
        foreach (var (process, folder) in Processes())
        {
            try
            {
                if (Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(folder, "environ"))).Split('\0').Any(isMine))
                {
                    found.Add(process);
                }
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile, or belongs to somebody else.
            }
        }

        return found;
    }

    private static HashSet<int> WithDescendants(IEnumerable<int> processes)
    {
        var children = new Dictionary<int, List<int>>();
        foreach (var (process, folder) in Processes())
        {
            try
            {
                // The name in parentheses may hold anything; the parent is the second field after it.
                var text = File.ReadAllText(Path.Combine(folder, "stat"));
                var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
                if (fields[0] is not ("Z" or "X"))
                {
                    (CollectionsMarshal.GetValueRefOrAddDefault(children, int.Parse(fields[1], CultureInfo.InvariantCulture), out _) ??= []).Add(process);
                }
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile.
            }
        }

        var all = new HashSet<int>();
        var open = new Stack<int>(processes);
        while (open.TryPop(out var process))
        {
            if (process > 1 && process != Environment.ProcessId && all.Add(process))
            {
                foreach (var child in children.GetValueOrDefault(process, []))
                {
                    open.Push(child);
                }
            }
        }

        return all;
    }

    private static IEnumerable<(int Process, string Folder)> Processes() => Directory.EnumerateDirectories("/proc")
        .Select(static folder => (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var process) ? process : 0, folder))
        .Where(static entry => entry.Item1 > 1 && entry.Item1 != Environment.ProcessId);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
