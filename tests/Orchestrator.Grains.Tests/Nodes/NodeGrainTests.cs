using Orchestrator.Abstractions.Nodes;
using Orchestrator.Core.Events;
using Orchestrator.Core.Nodes;
using Orchestrator.Grains.Events;
using Orchestrator.Grains.Tests.Hosting;

namespace Orchestrator.Grains.Tests.Nodes;

public sealed class NodeGrainTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_without_heartbeats_is_lost_after_the_window_and_recovers_with_the_next_one()
    {
        await using var world = await GrainWorld.StartAsync(silos: 1);
        var agent = new TestAgent(world, world.NewKey('k'), world.NewKey('n'));
        (await agent.RegisterAsync()).Accepted.ShouldBeTrue();

        world.Clock.Advance(Window - TimeSpan.FromSeconds(1));
        (await agent.ViewAsync()).Status.ShouldBe(NodeStatus.Alive);
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        await world.UntilAsync(async () => (await agent.ViewAsync()).Status == NodeStatus.Lost, "the node is lost");
        (await agent.BeatAsync()).ShouldBe(HeartbeatVerdict.Known);

        (await agent.ViewAsync()).Status.ShouldBe(NodeStatus.Alive);
        await world.UntilAsync(async () => (await world.EventsOfAsync(agent.Id.Value)).Count == 3, "the events are logged");
        var events = (await world.EventsOfAsync(agent.Id.Value)).Select(EventPublisher.Read).ToList();
        events.Select(e => e.Kind).ShouldBe([EventKinds.NodeRegistered, EventKinds.NodeLost, EventKinds.NodeRecovered]);
        events[1].NoticedAfter.ShouldBe(Window);
    }

    [Fact]
    public async Task Heartbeats_keep_a_node_alive_and_write_nothing()
    {
        await using var world = await GrainWorld.StartAsync(silos: 1);
        var agent = new TestAgent(world, world.NewKey('k'), world.NewKey('n'));
        await agent.RegisterAsync();
        var version = (await agent.ViewAsync()).Version;

        for (var i = 0; i < 12; i++)
        {
            world.Clock.Advance(TimeSpan.FromSeconds(5));
            (await agent.BeatAsync()).ShouldBe(HeartbeatVerdict.Known);
        }

        var view = await agent.ViewAsync();
        view.Status.ShouldBe(NodeStatus.Alive);
        view.Version.ShouldBe(version);
        view.LastSeen.ShouldBe(world.Clock.GetUtcNow());
    }

    [Fact]
    public async Task An_agent_that_knows_newer_leases_than_are_stored_is_asked_to_register_anew()
    {
        await using var world = await GrainWorld.StartAsync(silos: 1);
        var agent = new TestAgent(world, world.NewKey('k'), world.NewKey('n'));
        await agent.RegisterAsync();

        (await agent.BeatAsync(wantedVersion: 7)).ShouldBe(HeartbeatVerdict.Register);

        (await agent.RegisterAsync()).Accepted.ShouldBeTrue();
        (await agent.BeatAsync()).ShouldBe(HeartbeatVerdict.Known);
    }

    [Fact]
    public async Task A_second_agent_is_refused_until_the_first_is_silent_and_then_replaces_it()
    {
        await using var world = await GrainWorld.StartAsync(silos: 1);
        string cluster = world.NewKey('k'), node = world.NewKey('n');
        TestAgent one = new(world, cluster, node), two = new(world, cluster, node, "two");
        await one.RegisterAsync();

        var refused = await two.RegisterAsync();
        (await two.BeatAsync()).ShouldBe(HeartbeatVerdict.Register);
        world.Clock.Advance(TimeSpan.FromSeconds(8));
        (await two.RegisterAsync()).Accepted.ShouldBeTrue();

        refused.Accepted.ShouldBeFalse();
        refused.Reason.ShouldNotBeNull().ShouldContain("may be alive");
        (await one.BeatAsync()).ShouldBe(HeartbeatVerdict.Replaced);
        (await two.BeatAsync()).ShouldBe(HeartbeatVerdict.Known);
    }

    [Fact]
    public async Task After_the_last_words_a_restarted_agent_is_let_in_at_once()
    {
        await using var world = await GrainWorld.StartAsync(silos: 1);
        string cluster = world.NewKey('k'), node = world.NewKey('n');
        TestAgent one = new(world, cluster, node), two = new(world, cluster, node, "two");
        await one.RegisterAsync();

        await one.BeatAsync(goodbye: true);
        (await one.ViewAsync()).Status.ShouldBe(NodeStatus.SeenDead);
        (await two.RegisterAsync()).Accepted.ShouldBeTrue();

        (await two.ViewAsync()).Status.ShouldBe(NodeStatus.Alive);
    }

    [Fact]
    public async Task A_restarted_silo_counts_a_whole_window_before_it_gives_a_node_up()
    {
        await using var world = await GrainWorld.StartAsync(silos: 1);
        var agent = new TestAgent(world, world.NewKey('k'), world.NewKey('n'));
        await agent.RegisterAsync();

        world.Clock.Advance(TimeSpan.FromSeconds(10));
        await world.KillAllAndStartAgainAsync();
        (await agent.ViewAsync()).Status.ShouldBe(NodeStatus.NotSeen);
        world.Clock.Advance(TimeSpan.FromSeconds(10));
        (await agent.ViewAsync()).Status.ShouldBe(NodeStatus.NotSeen);
        world.Clock.Advance(TimeSpan.FromSeconds(5));

        await world.UntilAsync(async () => (await agent.ViewAsync()).Status == NodeStatus.Lost, "the node is lost");
    }

    [Fact]
    public async Task A_registration_that_makes_no_sense_is_refused_with_a_reason_and_stores_nothing()
    {
        await using var world = await GrainWorld.StartAsync(silos: 1);
        var agent = new TestAgent(world, world.NewKey('k'), world.NewKey('n'));

        (await agent.RegisterAsync(cores: 0)).Reason.ShouldNotBeNull().ShouldContain("1 core or more");

        (await agent.Grain.GetAsync(Token)).ShouldBeNull();
        (await agent.Grain.ControlAsync(new() { Verb = NodeVerb.Drain }, Token)).Found.ShouldBeFalse();
    }

    [Fact]
    public async Task Who_waits_for_wanted_leases_is_woken_by_a_newer_version_and_by_nothing_else()
    {
        var signal = new Grains.Nodes.NodeWantedSignal(TimeProvider.System);
        var node = new Core.Ids.NodeId("n-1");
        signal.Pulse(node, 5);
        (await signal.WaitAsync(node, 4, TimeSpan.FromSeconds(30), Token)).ShouldBeTrue();

        var waiting = signal.WaitAsync(node, 5, TimeSpan.FromSeconds(30), Token);
        signal.Pulse(node, 5);
        signal.Pulse(new("n-2"), 9);
        waiting.IsCompleted.ShouldBeFalse();
        signal.Pulse(node, 6);

        (await waiting).ShouldBeTrue();
        (await signal.WaitAsync(node, 6, TimeSpan.Zero, Token)).ShouldBeFalse();
    }
}
