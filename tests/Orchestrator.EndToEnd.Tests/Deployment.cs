using System.Globalization;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Cli.Demo;
using Orchestrator.Client;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Simulations;

// Each test has processes of its own that want the whole machine; two at once would only be slow.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Orchestrator.EndToEnd.Tests;

/// <summary>A silo and agents as processes of the real command, on a data directory of their own. Disposing kills all of it.</summary>
internal sealed class Deployment : IDisposable
{
    public const int Kill = 9;
    public const int Stop = 19;
    public const int Continue = 18;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestrator-e2e-");
    private readonly CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly TimeSpan? window;
    private bool mounted;

    /// <param name="window">A node is given up after so long without a heartbeat; heartbeats come each 0.5 s. Null: both as the product has them by default.</param>
    /// <param name="patience">Seconds after which whatever is waited for is not going to happen.</param>
    public Deployment(double? window, double patience = 90)
    {
        var limitOf = TimeSpan.FromSeconds(patience);
        this.window = window is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        Data = Path.Combine(folder.FullName, "data");
        Directory.CreateDirectory(Data);
        Processes = new(Data, folder.FullName, [Path.Combine(AppContext.BaseDirectory, "orchestrator")]);
        Client = OrchestratorClient.ForDirectory(Data, new() { RetryUnreachableFor = limitOf, RetryFor = limitOf });
        limit.CancelAfter(limitOf);
    }

    public string Data { get; }

    public DemoProcesses Processes { get; }

    public OrchestratorClient Client { get; }

    public CancellationToken Token => limit.Token;

    /// <param name="arguments">More of the command up.</param>
    public void StartSilo(params string[] arguments)
    {
        var environment = ClimateProgram.VariablesFor(AppContext.BaseDirectory);
        foreach (var name in DemoSettings.Silo.Keys.Where(name => window is not null || !name.StartsWith("Orchestrator__Nodes__", StringComparison.Ordinal)))
        {
            environment[name] = DemoSettings.Silo[name];
        }

        if (window is { } given)
        {
            environment["Orchestrator__Nodes__DetectionWindow"] = given.ToString("c", CultureInfo.InvariantCulture);
        }

        Processes.StartSelf("up", ["up", "--data", Data, .. arguments], environment);
    }

    /// <param name="node">Its name.</param>
    /// <param name="arguments">More of the command agent.</param>
    public void StartAgent(string node, params string[] arguments) => StartAgent(node, 1, arguments);

    public void StartAgent(string node, int cores, params string[] arguments) => Processes.StartSelf(
        node, ["agent", "--data", Data, "--node", node, "--cores", cores.ToString(CultureInfo.InvariantCulture), "--memory", "1G", .. arguments], ClimateProgram.VariablesFor(AppContext.BaseDirectory));

    /// <summary>In a network of its own.</summary>
    public void StartAgentInside(string network, string node, params string[] arguments) => Processes.StartSelf(
        node, ["agent", "--data", Data, "--node", node, "--cores", "1", "--memory", "1G", .. arguments], ClimateProgram.VariablesFor(AppContext.BaseDirectory), ["ip", "netns", "exec", network]);

    /// <summary>Waits until these have registered and the cluster, which hears of it a moment later, counts them.</summary>
    public async Task RegisteredAsync(params string[] nodes)
    {
        foreach (var node in nodes)
        {
            await EventAsync(happened => happened.Kind == EventKinds.NodeRegistered && happened.Node?.Value == $"n-{node}", $"the registration of {node}");
        }

        await UntilAsync(
            async () =>
            {
                var known = (await Client.GetClusterAsync(new("k-main"), Token)).Nodes;
                return nodes.All(node => known.Any(one => one.Id.Value == $"n-{node}" && one.Status == NodeStatus.Alive));
            },
            $"the cluster counts {string.Join(", ", nodes)}");
    }

    /// <summary>A silo and agents, all registered.</summary>
    public async Task StartAsync(params string[] nodes)
    {
        StartSilo();
        foreach (var node in nodes)
        {
            StartAgent(node);
        }

        await RegisteredAsync(nodes);
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
        if (last == 0)
        {
            return count;
        }

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

    /// <summary>The directory of one attempt.</summary>
    public string AttemptOf(string simulation, string stage, int epoch) => Path.Combine(Data, RunLayout.AttemptDirectory(new AttemptId(new(simulation), stage, epoch)));

    /// <summary>All events up to now.</summary>
    public async Task<IReadOnlyList<OrchestratorEvent>> EventsAsync()
    {
        var events = new List<OrchestratorEvent>();
        _ = await CountAsync(happened =>
        {
            events.Add(happened);
            return true;
        });
        return events;
    }

    /// <summary>What runs of the attempts on this data, wherever it was started: wrappers, programs, and what those left behind.</summary>
    public IReadOnlyList<int> ProgramsLeft() => Programs.Of(Data);

    /// <summary>Runs the command to its end, as a person would on this data directory.</summary>
    public Task<CommandResult> RunAsync(params string[] arguments) => CommandResult.RunAsync([.. arguments, "--data", Data], Token);

    /// <summary>Puts the data directory on a file system of its own. Skips the test where mounting is not permitted.</summary>
    public async Task MountSmallDiskAsync(int mebibytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has tmpfs.");
        var options = string.Create(CultureInfo.InvariantCulture, $"size={mebibytes}m,mode=0700");
        using var mount = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("mount", ["-t", "tmpfs", "-o", options, "orchestrator-test", Data]) { RedirectStandardError = true })!;
        await mount.WaitForExitAsync(Token);
        Assert.SkipUnless(mount.ExitCode == 0, $"Mounting a small tmpfs is not permitted: {(await mount.StandardError.ReadToEndAsync(Token)).Trim()}");
        mounted = true;
    }

    /// <summary>Waits for something that no event tells; it is looked at ten times a second.</summary>
    public Task UntilAsync(Func<bool> holds, string what) => UntilAsync(() => Task.FromResult(holds()), what);

    public async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        try
        {
            while (!await holds())
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Token);
            }
        }
        catch (OperationCanceledException waited)
        {
            throw new InvalidOperationException($"Waited in vain until {what}.\n{Logs()}", waited);
        }
    }

    public void Dispose()
    {
        Client.Dispose();
        Processes.Dispose();
        ProgramsLeft().ShouldBeEmpty("nothing outlives its test");
        limit.Dispose();
        if (mounted)
        {
            using var unmount = System.Diagnostics.Process.Start("umount", ["-l", Data]);
            unmount.WaitForExit();
        }

        folder.Delete(recursive: true);
    }

    private string Logs() => string.Join("\n", folder.GetFiles("*.log", SearchOption.AllDirectories).Select(log => $"--- {log.Name}\n{string.Join("\n", File.ReadLines(log.FullName).TakeLast(30))}"));
}
