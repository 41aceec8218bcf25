using System.Globalization;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Cli.Demo;
using Orchestrator.Client;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Overhead;

/// <summary>A silo and an agent as processes on a temporary data directory, and what their CPU time is.</summary>
internal sealed class Machinery : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestrator-overhead-");
    private readonly DemoProcesses processes;
    private readonly Dictionary<string, string> environment = ClimateProgram.VariablesFor(AppContext.BaseDirectory);

    public Machinery()
    {
        Data = Path.Combine(folder.FullName, "data");
        Directory.CreateDirectory(Data);
        processes = new(Data, folder.FullName, [Path.Combine(AppContext.BaseDirectory, "orchestrator")]);
        Client = OrchestratorClient.ForDirectory(Data, new() { RetryUnreachableFor = TimeSpan.FromSeconds(60), RetryFor = TimeSpan.FromSeconds(60) });
        processes.StartSelf("up", ["up", "--data", Data], environment);
        processes.StartSelf("agent", ["agent", "--data", Data, "--node", "one", "--cores", "1", "--memory", "2G"], environment);
    }

    public string Data { get; }

    public OrchestratorClient Client { get; }

    /// <summary>User and system time of silo and agent so far, what the agent has waited for included: sealing, hashing, reports.</summary>
    public TimeSpan Cpu() => Cpu("up --data") + Cpu("agent --data");

    public async Task<SimulationView> UntilAsync(string simulation, Func<SimulationView, bool> holds)
    {
        while (true)
        {
            var view = await Client.GetSimulationAsync(new SimulationId(simulation));
            if (holds(view))
            {
                return view;
            }

            if (view.Status is SimulationStatus.Failed or SimulationStatus.Cancelled)
            {
                throw new InvalidOperationException($"{simulation} is {view.Status}: {view.Reason}");
            }

            await Task.Delay(Look, TimeProvider.System);
        }
    }

    /// <summary>However it ends.</summary>
    public Task<SimulationView> UntilEndedAsync(string simulation) => UntilAsync(simulation, static view => view.Status is SimulationStatus.Completed or SimulationStatus.Cancelled);

    public static CheckpointRecord? Newest(SimulationView view) => view.Stages[0].Checkpoints.FirstOrDefault();

    public void Dispose()
    {
        Client.Dispose();
        processes.Dispose();
        folder.Delete(recursive: true);
    }

    /// <summary>Of the processes whose command line has these words and this data directory.</summary>
    private TimeSpan Cpu(string words)
    {
        var ticks = 0L;
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(static path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ').Contains($"orchestrator {words} {Data}", StringComparison.Ordinal))
                {
                    var text = File.ReadAllText(Path.Combine(process, "stat"));
                    var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
                    ticks += long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
                }
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }

        // USER_HZ is 100 on every Linux.
        return TimeSpan.FromSeconds(ticks / 100.0);
    }
}
