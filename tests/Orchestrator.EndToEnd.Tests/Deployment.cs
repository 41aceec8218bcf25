using System.Globalization;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Cli.Demo;
using Orchestrator.Client;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

// Each test has processes of its own that want the whole machine; two at once would only be slow.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Orchestrator.EndToEnd.Tests;

/// <summary>A silo and agents as processes of the real command, on a data directory of their own. Disposing kills all of it.</summary>
internal sealed class Deployment : IDisposable
{
    public const int Kill = 9;
    public const int Stop = 19;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestrator-e2e-");
    private readonly CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly TimeSpan window;

    /// <param name="window">A node is given up after so long without a heartbeat; heartbeats come each 0.5 s.</param>
    /// <param name="patience">Seconds after which whatever is waited for is not going to happen.</param>
    public Deployment(double window, double patience = 90)
    {
        var limitOf = TimeSpan.FromSeconds(patience);
        this.window = TimeSpan.FromSeconds(window);
        Data = Path.Combine(folder.FullName, "data");
        Directory.CreateDirectory(Data);
        Processes = new(Data, folder.FullName, [Path.Combine(AppContext.BaseDirectory, "orchestrator")]);
        Client = OrchestratorClient.ForDirectory(Data, new() { RetryUnreachableFor = limitOf, RetryFor = limitOf });
        limit.CancelAfter(limitOf);
    }

    public string Data { get; }

    public DemoProcesses Processes { get; }

    public OrchestratorClient Client { get; }

    private CancellationToken Token => limit.Token;

    public void StartSilo()
    {
        var environment = ClimateProgram.VariablesFor(AppContext.BaseDirectory);
        foreach (var name in DemoSettings.Silo.Keys)
        {
            environment[name] = DemoSettings.Silo[name];
        }

        environment["Orchestrator__Nodes__DetectionWindow"] = window.ToString("c", CultureInfo.InvariantCulture);
        Processes.StartSelf("up", ["up", "--data", Data], environment);
    }

    public void StartAgent(string node) => Processes.StartSelf(node, ["agent", "--data", Data, "--node", node, "--cores", "1", "--memory", "1G"], ClimateProgram.VariablesFor(AppContext.BaseDirectory));

    /// <summary>A silo and agents, all registered.</summary>
    public async Task StartAsync(params string[] nodes)
    {
        StartSilo();
        foreach (var node in nodes)
        {
            StartAgent(node);
        }

        foreach (var node in nodes)
        {
            await EventAsync(happened => happened.Kind == EventKinds.NodeRegistered && happened.Node?.Value == $"n-{node}", $"the registration of {node}");
        }
    }

    public Task<CampaignSummary> SubmitAsync(string yaml) => Client.SubmitCampaignAsync(yaml, cancellationToken: Token);

    /// <summary>The first event of which this holds, now or later.</summary>
    public async Task<OrchestratorEvent> EventAsync(Func<OrchestratorEvent, bool> wanted, string what)
    {
        var newest = "";
        try
        {
            await foreach (var (_, happened) in Client.ReadEventsAsync(cancellationToken: Token))
            {
                newest = $"{happened.Kind} {happened.Text}";
                if (wanted(happened))
                {
                    return happened;
                }
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or OrchestratorClientException)
        {
            throw new InvalidOperationException($"Waited in vain for {what}; the newest event was {newest}; {fault.Message}\n{Logs()}", fault);
        }

        throw new InvalidOperationException($"The events ended before {what}.\n{Logs()}");
    }

    /// <summary>The simulation once it has ended.</summary>
    public async Task<SimulationView> EndOfAsync(string simulation)
    {
        var id = new SimulationId(simulation);
        await EventAsync(happened => happened.Simulation == id && happened.Kind is EventKinds.SimulationCompleted or EventKinds.SimulationFailed or EventKinds.SimulationCancelled, $"the end of {simulation}");
        return await Client.GetSimulationAsync(id, Token);
    }

    /// <summary>The first event of this kind of one stage, now or later.</summary>
    public Task<OrchestratorEvent> StageEventAsync(string simulation, string stage, string kind, int epoch = 1) =>
        EventAsync(happened => happened.Kind == kind && happened.Simulation?.Value == simulation && happened.Stage == stage && happened.Epoch == epoch, $"{kind} of {simulation}/{stage}@{epoch}");

    /// <summary>How many of the events up to now are such.</summary>
    public async Task<int> CountAsync(Func<OrchestratorEvent, bool> wanted)
    {
        var last = (await Client.GetStatusAsync(Token)).LastEvent;
        var count = 0;
        await foreach (var (position, happened) in Client.ReadEventsAsync(cancellationToken: Token))
        {
            count += wanted(happened) ? 1 : 0;
            if (position >= last)
            {
                break;
            }
        }

        return count;
    }

    public string ResultOf(string simulation, string stage, string file) => Path.Combine(Data, RunLayout.ResultsDirectory(new(simulation), stage), file);

    public void Dispose()
    {
        Client.Dispose();
        Processes.Dispose();
        limit.Dispose();
        folder.Delete(recursive: true);
    }

    private string Logs() => string.Join("\n", folder.GetFiles("*.log", SearchOption.AllDirectories).Select(log => $"--- {log.Name}\n{string.Join("\n", File.ReadLines(log.FullName).TakeLast(30))}"));
}
