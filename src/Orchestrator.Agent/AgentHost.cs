using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Agent.Attempts;
using Orchestrator.Agent.Checkpoints;
using Orchestrator.Agent.Machine;
using Orchestrator.Agent.Processes;
using Orchestrator.Core.TaskSets.Segments;

namespace Orchestrator.Agent;

/// <summary>Runs the agent of one node.</summary>
public static class AgentHost
{
    private const string HelperName = "orchestrator-report";

    /// <summary>
    /// Runs until <paramref name="cancellationToken"/> says stop, and returns then. Programs survive it: the next agent with the same data directory and node adopts them.
    /// </summary>
    /// <exception cref="AgentRefusedException">Another agent runs for this node.</exception>
    /// <exception cref="IOException">The agent's own directory cannot be used.</exception>
    public static async Task RunAsync(AgentOptions options, IAgentGateway gateway, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = options with { DataDirectory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.DataDirectory)) };
        var state = Path.Combine(options.DataDirectory, "agents", options.Node.Value);
        Directory.CreateDirectory(state);
        using var own = Lock(Path.Combine(state, "lock"), options);
        var machine = await MachineInfo.ReadAsync(options, time, cancellationToken);
        await File.WriteAllTextAsync(AgentContext.HostNameFile(options.DataDirectory, options.Node.Value), machine.Capabilities.HostName + "\n", cancellationToken);
        var logger = loggers.CreateLogger("Orchestrator.Agent");
        await using var tier = new CheckpointTier(options.DataDirectory, time, logger);
        var context = new AgentContext
        {
            Options = options,
            Gateway = new PatientGateway(gateway),
            Time = time,
            Logger = logger,
            Tier = tier,
            Machine = machine,
            StateDirectory = state,
            WrapperScript = Wrapper.Install(state),
            HelperDirectory = options.HelperDirectory ?? InstallHelpers(state, options.TaskWorker),
            Reports = new(time),
            Heartbeat = new(time),
        };
        var agent = new NodeAgent(context, new EpochLog(Path.Combine(state, "epochs"), time.GetUtcNow()), RandomNumberGenerator.GetHexString(16, lowercase: true));
        await agent.RunAsync(cancellationToken);
    }

    private static FileStream Lock(string path, AgentOptions options)
    {
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            file.Write(System.Text.Encoding.UTF8.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            file.Flush();
            return file;
        }
        catch (IOException taken) when (File.Exists(path))
        {
            throw new AgentRefusedException($"Another agent runs for the node {options.Node} in {options.DataDirectory}.", taken);
        }
    }

    /// <summary>Copies of our own stay where programs found them, whatever becomes of the installation while they run.</summary>
    private static string InstallHelpers(string state, string? taskWorker)
    {
        var folder = Path.Combine(state, "bin");
        Directory.CreateDirectory(folder);
        Install(folder, HelperName, target => File.Copy(Path.Combine(AppContext.BaseDirectory, HelperName), target, overwrite: true));
        if (taskWorker is not null)
        {
            Install(folder, TaskSetDefinition.WorkerProgram, target => File.WriteAllText(target, $"#!/bin/sh\nexec {taskWorker} \"$@\"\n"));
        }

        return folder;
    }

    private static void Install(string folder, string name, Action<string> make)
    {
        var target = Path.Combine(folder, name);
        make(target + ".new");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                target + ".new",
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                    | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }

        File.Move(target + ".new", target, overwrite: true);
    }
}
