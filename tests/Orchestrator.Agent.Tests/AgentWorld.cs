using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orchestrator.Agent.Processes;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Agent.Tests;

/// <summary>One node with its data directory, agents that come and go, and a scripted gateway. At its end no process of it is left.</summary>
internal sealed class AgentWorld : IAsyncDisposable
{
    private readonly ILoggerFactory loggers;
    private CancellationTokenSource? stop;
    private Task? agent;

    private AgentWorld()
    {
        Data = Directory.CreateTempSubdirectory("orchestrator-agent-test-").FullName;
        Log = new();
        loggers = LoggerFactory.Create(builder => builder.AddProvider(Log));
        Options = new()
        {
            DataDirectory = Data,
            Node = Node,
            Cores = 2,
            Memory = 1 << 30,
            Gpus = ImmutableArray<NodeGpu>.Empty,
            PollInterval = TimeSpan.FromMilliseconds(10),
            SampleInterval = TimeSpan.FromMilliseconds(50),
            ProgressInterval = TimeSpan.FromMilliseconds(10),
            AnnouncementWait = TimeSpan.FromMilliseconds(100),
            StableAfter = TimeSpan.FromMilliseconds(300),
            RetryMax = TimeSpan.FromMilliseconds(100),
        };
    }

    public static NodeId Node { get; } = new("n-one");

    public string Data { get; }

    public RecordingLog Log { get; }

    public ScriptedGateway Gateway { get; } = new();

    public AgentOptions Options { get; set; }

    public static AgentWorld Empty() => new();

    public static AgentWorld WithAgent()
    {
        var world = new AgentWorld();
        world.StartAgent();
        return world;
    }

    public static AttemptId Attempt(int epoch = 1, string stage = "work") => new(new("s-test"), stage, epoch);

    public void StartAgent()
    {
        stop = new();
        agent = AgentHost.RunAsync(Options, Gateway, TimeProvider.System, loggers, stop.Token);
    }

    /// <summary>As a restart of the agent: programs go on.</summary>
    public async Task StopAgentAsync()
    {
        await stop!.CancelAsync();
        await agent!;
        stop.Dispose();
        stop = null;
    }

    public Task AgentEnd => agent!;

    /// <summary>Grants an attempt of this stage to the node, which leads it.</summary>
    public AttemptId Run(StageDefinition stage, Func<LaunchSpecification, LaunchSpecification>? change = null, int epoch = 1)
    {
        var attempt = Attempt(epoch, stage.Name);
        var share = new NodeShare { Node = Node, Cores = [.. Enumerable.Range(0, stage.Resources.CoresPerNode)] };
        var launch = new LaunchSpecification { Attempt = attempt, Stage = stage, Shares = [share] };
        Gateway.Want(Lease(attempt, share), change?.Invoke(launch) ?? launch);
        return attempt;
    }

    /// <summary>Asks something of an attempt by its lease.</summary>
    public void Order(AttemptId attempt, LeaseOrder order) =>
        Gateway.Want(Lease(attempt, new() { Node = Node, Cores = [0] }) with { Order = order with { Attempt = attempt } });

    public void AskToLeave(AttemptId attempt, TimeSpan within, StopReason reason = StopReason.Pause) =>
        Order(attempt, new() { StopBy = TimeProvider.System.GetUtcNow() + within, Reason = reason });

    /// <summary>A node of the attempt was lost, or it was released.</summary>
    public Task<Orchestrator.Abstractions.Nodes.NodeHeartbeat> TakeLeaseAsync(AttemptId attempt)
    {
        var version = Gateway.Unwant(attempt);
        return Gateway.HeartbeatAsync(heartbeat => heartbeat.WantedVersion >= version);
    }

    public static StageDefinition Stage(string run, params string[] outputs) => new() { Name = "work", Run = run, Outputs = [.. outputs] };

    /// <summary>A shell script that a line can name.</summary>
    public string Script(string text, string name = "program.sh")
    {
        var path = Path.Combine(Data, name);
        File.WriteAllText(path, "#!/bin/sh\n" + text + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }

    public string AttemptFile(AttemptId attempt, string name) => Path.Combine(Data, RunLayout.AttemptDirectory(attempt), name);

    public string RunDirectory(AttemptId attempt) => Path.Combine(Data, RunLayout.RunDirectory(attempt));

    public string Result(string file) => Path.Combine(Data, RunLayout.ResultsDirectory(new("s-test"), "work"), file);

    /// <summary>Living processes of an attempt, found by its run directory in their environment.</summary>
    public IReadOnlyList<int> Processes(AttemptId attempt) => new AttemptProcesses(null, RunDirectory(attempt), TimeProvider.System).Everything();

    public async ValueTask DisposeAsync()
    {
        Gateway.Away = false;
        if (stop is null)
        {
            StartAgent();
        }

        var version = Gateway.UnwantAll();
        if (!agent!.IsCompleted)
        {
            await Gateway.HeartbeatAsync(heartbeat => heartbeat.WantedVersion >= version && heartbeat.Running.IsEmpty);
            await StopAgentAsync();
        }

        foreach (var run in Directory.Exists(Path.Combine(Data, "runs")) ? Directory.EnumerateDirectories(Path.Combine(Data, "runs"), "run", SearchOption.AllDirectories) : [])
        {
            new AttemptProcesses(null, run, TimeProvider.System).Everything().ShouldBeEmpty();
        }

        loggers.Dispose();
        Directory.Delete(Data, recursive: true);
    }

    private static WantedLease Lease(AttemptId attempt, NodeShare share) => new() { Attempt = attempt, Share = share, IsLead = true, Shares = [share], Order = new() { Attempt = attempt } };
}
