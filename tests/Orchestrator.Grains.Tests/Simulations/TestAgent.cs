using System.Collections.Immutable;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Simulations;
using Orchestrator.Grains.Tests.Hosting;

namespace Orchestrator.Grains.Tests.Simulations;

/// <summary>The agent of one node, played by a test: it runs nothing, and says what it is told to say.</summary>
internal sealed class TestAgent(GrainWorld world, ClusterId cluster, NodeId id)
{
    private readonly Dictionary<AttemptId, long> sequences = [];

    public NodeId Id => id;

    public ImmutableArray<RunningAttempt> Running { get; set; } = [];

    /// <summary>What it has carried out: leases that are no longer wanted are gone as soon as it hears of it.</summary>
    private long WantedVersion { get; set; }

    private INodeGrain Node => world.Grains.GetGrain<INodeGrain>(id.Value);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async Task<TestAgent> RegisterAsync()
    {
        var reply = await Node.RegisterAsync(
            new()
            {
                Node = id,
                Cluster = cluster,
                Instance = "one",
                Capabilities = new() { Cores = 8, Memory = 1L << 34 },
                User = "ada",
                BootId = "boot",
            },
            Token);
        reply.Accepted.ShouldBeTrue(reply.Reason);
        return this;
    }

    public Task<HeartbeatReply> BeatAsync() => Node.HeartbeatAsync(new() { Node = id, Instance = "one", Running = Running, WantedVersion = WantedVersion }, Token);

    public async Task<ImmutableArray<WantedLease>> WantedAsync()
    {
        var wanted = await Node.GetWantedAsync(Token);
        Running = [.. Running.Where(attempt => wanted.Leases.Any(lease => lease.Attempt == attempt.Attempt))];
        WantedVersion = wanted.Version;
        await BeatAsync();
        return wanted.Leases;
    }

    /// <summary>Waits, while time passes, until the node is to hold a lease like this, and tells it.</summary>
    public async Task<WantedLease> LeaseAsync(Func<WantedLease, bool> like, params TestAgent[] others)
    {
        WantedLease? found = null;
        await world.PassUntilAsync(
            TimeSpan.FromSeconds(1),
            async () =>
            {
                foreach (var other in others)
                {
                    await other.BeatAsync();
                }

                found = (await WantedAsync()).FirstOrDefault(like);
                return found is not null;
            },
            $"{id} is to hold the lease");
        return found!;
    }

    public async Task<LaunchSpecification> LaunchAsync(AttemptId attempt)
    {
        var reply = await Simulation(attempt).GetLaunchAsync(attempt, id, Token);
        return reply.Launch.ShouldNotBeNull(reply.Reason);
    }

    /// <summary>Starts what it is told to start.</summary>
    public async Task<LaunchSpecification> StartAsync(AttemptId attempt)
    {
        var launch = await LaunchAsync(attempt);
        Running = Running.Add(new() { Attempt = attempt, HasProcesses = true });
        (await ReportAsync(attempt, new AttemptReport.Started { Restored = launch.Restore.FirstOrDefault()?.Name })).Verdict.ShouldBe(ReportVerdict.Accepted);
        return launch;
    }

    public async Task<ReportReply> ReportAsync(AttemptId attempt, AttemptReport report)
    {
        var sequence = sequences.GetValueOrDefault(attempt) + 1;
        var reply = await Simulation(attempt).ReportAsync(report with { Attempt = attempt, Node = id, Sequence = sequence }, Token);
        sequences[attempt] = sequence;
        return reply;
    }

    /// <summary>The program ends, and what it made is published.</summary>
    public async Task CompleteAsync(AttemptId attempt)
    {
        (await ReportAsync(attempt, new AttemptReport.Exited { ExitStatus = 0, Use = new() { WallTime = TimeSpan.FromSeconds(60), CoreTime = TimeSpan.FromSeconds(60) } }))
            .Instruction.ShouldBe(ReportInstruction.Publish);
        await ReportAsync(attempt, new AttemptReport.Published { Outputs = [new() { Path = "history.nc" }] });
    }

    private ISimulationGrain Simulation(AttemptId attempt) => world.Grains.GetGrain<ISimulationGrain>(attempt.Simulation.Value);
}
