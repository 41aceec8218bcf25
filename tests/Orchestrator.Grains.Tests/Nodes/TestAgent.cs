using Orchestrator.Abstractions.Nodes;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Grains.Tests.Hosting;

namespace Orchestrator.Grains.Tests.Nodes;

/// <summary>An agent played by a test: it says what the test lets it say, and carries out nothing.</summary>
internal sealed class TestAgent(GrainWorld world, string cluster, string node, string instance = "one")
{
    public NodeId Id { get; } = new(node);

    public INodeGrain Grain => world.Grains.GetGrain<INodeGrain>(node);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public Task<RegisterReply> RegisterAsync(int cores = 4, string boot = "") => Grain.RegisterAsync(
        new()
        {
            Node = Id,
            Cluster = new ClusterId(cluster),
            Instance = instance,
            Capabilities = new() { Cores = cores, Memory = 1000 },
            BootId = boot,
        },
        Token);

    public async Task<HeartbeatVerdict> BeatAsync(long wantedVersion = 0, bool goodbye = false, params AttemptId[] running) => (await Grain.HeartbeatAsync(
        new()
        {
            Node = Id,
            Instance = instance,
            WantedVersion = wantedVersion,
            Goodbye = goodbye,
            Running = [.. running.Select(attempt => new RunningAttempt { Attempt = attempt, HasProcesses = true })],
        },
        Token)).Verdict;

    /// <summary>Says that it carried out what it is to hold, with processes of each lease.</summary>
    public async Task CarryOutAsync()
    {
        var wanted = await Grain.GetWantedAsync(Token);
        await BeatAsync(wanted.Version, running: [.. wanted.Leases.Select(lease => lease.Attempt)]);
    }

    public async Task<NodeView> ViewAsync() => (await Grain.GetAsync(Token)).ShouldNotBeNull();
}
