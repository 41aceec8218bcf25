using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Agent.Processes;

/// <summary>Starts shell lines in sessions of their own.</summary>
internal static class Wrapper
{
    private const string Shell = "/bin/sh";

    /// <summary>Starts the wrapper around a shell line. It leaves its pid file, then its exit record, in the attempt directory.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">setsid or taskset is not there.</exception>
    public static Process Start(string script, string attemptDirectory, string pidFile, string line, IReadOnlyList<int>? cores, IReadOnlyDictionary<string, string> environment) =>
        Start([Shell, script, attemptDirectory, pidFile, line], "/", cores, environment);

    /// <summary>Starts a shell line whose output goes to a log.</summary>
    public static Process StartLogged(string line, string directory, string log, IReadOnlyList<int>? cores, IReadOnlyDictionary<string, string> environment) =>
        Start([Shell, "-c", "exec </dev/null >>\"$1\" 2>&1 && shift && eval \"$1\"", "orchestrator-verify", log, line], directory, cores, environment);

    private static Process Start(string[] command, string directory, IReadOnlyList<int>? cores, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo { FileName = Find("setsid"), UseShellExecute = false, WorkingDirectory = directory };
        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        if (cores is not null)
        {
            start.ArgumentList.Add(Find("taskset"));
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add(string.Join(',', cores.Select(core => core.ToString(CultureInfo.InvariantCulture))));
        }

        foreach (var word in command)
        {
            start.ArgumentList.Add(word);
        }

        var process = new Process { StartInfo = start };
        process.Start();
        return process;
    }

    /// <summary>By the agent's own PATH, not by that of the program; the bare name when it is nowhere, so that the start says so.</summary>
    public static string Find(string program) => SearchPath.Find(program, Environment.GetEnvironmentVariable("PATH") ?? "") ?? program;

    /// <summary>Puts the script where it stays: shells read it while they run, so a newer one replaces it by rename.</summary>
    public static string Install(string directory)
    {
        var path = Path.Combine(directory, "orchestrator-attempt");
        using (var script = typeof(Wrapper).Assembly.GetManifestResourceStream("wrapper.sh")!)
        using (var file = new FileStream(path + ".new", FileMode.Create, FileAccess.Write))
        {
            script.CopyTo(file);
        }

        File.Move(path + ".new", path, overwrite: true);
        return path;
    }
}
