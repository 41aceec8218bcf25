using Orchestrator.Abstractions.Clusters;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Simulations;
using Orchestrator.Grains.Tests.Hosting;
using Orchestrator.Grains.Tests.Nodes;

namespace Orchestrator.Grains.Tests.Clusters;

public sealed class ClusterGrainTests
{
    public static TheoryData<Over> Databases => GrainWorld.Databases;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Databases))]
    public async Task A_gang_is_granted_to_registered_nodes_and_each_of_them_is_told(Over over)
    {
        await using var world = await GrainWorld.StartAsync(over);
        var place = await Place.WithAsync(world, nodes: 3);

        (await place.RequestAsync("run", nodes: 3)).State.ShouldBe(LeaseState.Queued);
        await place.UntilAsync("run", LeaseState.Granted);

        foreach (var agent in place.Agents)
        {
            await world.UntilAsync(async () => (await agent.ViewAsync()).Wanted.Length == 1, "the node is told");
        }

        (await place.Agents[0].Grain.GetWantedAsync(Token)).Leases.ShouldHaveSingleItem().IsLead.ShouldBeTrue();
    }

    [Fact]
    public async Task A_node_that_falls_silent_loses_its_lease_and_the_next_epoch_starts_elsewhere()
    {
        await using var world = await GrainWorld.StartAsync();
        var place = await Place.WithAsync(world, nodes: 4);
        await place.RequestAsync("run", nodes: 2);
        await place.UntilAsync("run", LeaseState.Granted);

        // In small steps: a look for silence that comes late finds that nobody watched.
        await world.PassUntilAsync(
            TimeSpan.FromMilliseconds(500),
            async () =>
            {
                foreach (var agent in place.Agents.Skip(1))
                {
                    await agent.CarryOutAsync();
                }

                return (await place.StatusAsync("run")).State == LeaseState.Lost;
            },
            "the silent node has lost its lease");
        var lost = await place.StatusAsync("run");
        lost.LostNode.ShouldBe(place.Agents[0].Id);
        await place.RequestAsync("run", nodes: 2, epoch: 2);
        await world.UntilAsync(
            async () =>
            {
                foreach (var agent in place.Agents.Skip(1))
                {
                    await agent.CarryOutAsync();
                }

                return (await place.StatusAsync("run", 2)).State == LeaseState.Granted;
            },
            "the next epoch has nodes");

        (await place.StatusAsync("run", 2)).Shares.Select(share => share.Node).ShouldNotContain(place.Agents[0].Id);
        (await place.StatusAsync("run")).State.ShouldBe(LeaseState.Unknown);
    }

    [Fact]
    public async Task A_released_lease_frees_its_cores_when_the_agent_has_carried_it_out()
    {
        await using var world = await GrainWorld.StartAsync();
        var place = await Place.WithAsync(world, nodes: 1);
        await place.RequestAsync("one", cores: 4);
        await place.UntilAsync("one", LeaseState.Granted);
        await place.RequestAsync("two", cores: 4);

        await place.Grain.ReleaseAsync(place.Attempt("one"), Token);
        await world.UntilAsync(async () => (await place.Agents[0].ViewAsync()).Wanted.IsEmpty, "the node is told");
        (await place.StatusAsync("two")).State.ShouldBe(LeaseState.Queued);
        await place.Agents[0].CarryOutAsync();

        await place.UntilAsync("two", LeaseState.Granted);
    }

    [Fact]
    public async Task A_drained_node_asks_its_attempt_to_leave()
    {
        await using var world = await GrainWorld.StartAsync();
        var place = await Place.WithAsync(world, nodes: 1);
        await place.RequestAsync("run");
        await place.UntilAsync("run", LeaseState.Granted);

        await place.Agents[0].Grain.ControlAsync(new() { Verb = NodeVerb.Drain, Reason = "repair" }, Token);

        await world.UntilAsync(async () => (await place.StatusAsync("run")).Stop == StopReason.Drain, "the attempt is asked to leave");
        await world.UntilAsync(async () => (await place.Agents[0].ViewAsync()).Wanted.Single().Order.Reason == StopReason.Drain, "the agent is told");
    }

    [Fact]
    public async Task After_a_kill_of_all_silos_leases_stand_and_nodes_are_told_again()
    {
        await using var world = await GrainWorld.StartAsync();
        var place = await Place.WithAsync(world, nodes: 2);
        await place.RequestAsync("run", nodes: 2);
        await place.RequestAsync("later", cores: 99);
        await place.UntilAsync("run", LeaseState.Granted);
        var before = await place.Grain.GetAsync(Token);

        await world.KillAllAndStartAgainAsync();

        var after = await place.Grain.GetAsync(Token);
        after.Leases.Select(lease => lease.Attempt).ShouldBe(before.Leases.Select(lease => lease.Attempt));
        after.Queue.Select(lease => lease.Attempt).ShouldBe([place.Attempt("later")]);
        await world.UntilAsync(async () => (await place.Agents[1].ViewAsync()).Wanted.Length == 1, "the node is told");
        await place.Agents[0].BeatAsync();
        await place.Agents[1].BeatAsync();
        await place.RequestAsync("small");
        await place.UntilAsync("small", LeaseState.Granted);
    }

    [Fact]
    public async Task A_cluster_with_many_entries_is_read_from_its_snapshot()
    {
        await using var world = await GrainWorld.StartAsync(settings: new Dictionary<string, string?> { ["Orchestrator:Clusters:SnapshotAfter"] = "10" });
        var place = await Place.WithAsync(world, nodes: 1);
        for (var i = 0; i < 40; i++)
        {
            await place.RequestAsync($"stage-{i}", cores: 99);
        }

        var before = await place.Grain.GetAsync(Token);
        await world.PassUntilAsync(
            TimeSpan.FromMilliseconds(10), async () => (await world.Ledger.LoadAsync(place.Key, Token)).Snapshot is not null, "the snapshot is taken beside the calls", TimeSpan.FromSeconds(15));
        await world.KillAllAndStartAgainAsync();

        var after = await place.Grain.GetAsync(Token);
        after.Version.ShouldBeGreaterThanOrEqualTo(before.Version);
        after.Queue.Select(lease => lease.Attempt).ShouldBe(before.Queue.Select(lease => lease.Attempt));
    }

    /// <summary>A cluster with nodes whose agents a test plays.</summary>
    private sealed class Place(GrainWorld world, string key)
    {
        private readonly SimulationId simulation = new(world.NewKey('s'));

        public string Key => key;

        public List<TestAgent> Agents { get; } = [];

        public IClusterGrain Grain => world.Grains.GetGrain<IClusterGrain>(key);

        public static async Task<Place> WithAsync(GrainWorld world, int nodes)
        {
            var place = new Place(world, world.NewKey('k'));
            for (var i = 0; i < nodes; i++)
            {
                var agent = new TestAgent(world, place.Key, world.NewKey('n'));
                (await agent.RegisterAsync()).Accepted.ShouldBeTrue();
                place.Agents.Add(agent);
            }

            await world.UntilAsync(async () => (await place.Grain.GetAsync(Token)).Nodes.Count(node => node.Status == NodeStatus.Alive) == nodes, "the cluster knows its nodes");
            return place;
        }

        public AttemptId Attempt(string stage, int epoch = 1) => new(simulation, stage, epoch);

        public Task<LeaseStatus> RequestAsync(string stage, int nodes = 1, int cores = 1, int epoch = 1) => Grain.RequestAsync(
            new() { Attempt = Attempt(stage, epoch), Resources = new() { Nodes = nodes, Threads = cores }, SubmittedAt = world.Clock.GetUtcNow(), Grace = TimeSpan.FromSeconds(20) }, Token);

        public Task<LeaseStatus> StatusAsync(string stage, int epoch = 1) => Grain.GetLeaseAsync(Attempt(stage, epoch), Token);

        public Task UntilAsync(string stage, LeaseState state) => world.UntilAsync(async () => (await StatusAsync(stage)).State == state, $"{stage} is {state}");
    }
}
