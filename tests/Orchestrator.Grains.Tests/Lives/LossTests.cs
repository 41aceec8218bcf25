using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Nodes;
using Orchestrator.Grains.Tests.FakeAgent;

namespace Orchestrator.Grains.Tests.Lives;

/// <summary>Nodes that go alone, together, apparently, or again and again: every simulation is accounted for.</summary>
[Trait("Category", "Long")]
public sealed class LossTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rack_that_goes_is_one_event_that_every_attempt_names_and_all_of_its_work_goes_on_at_once()
    {
        await using var lab = await Lab.OpenAsync(nodes: 0);
        for (var i = 0; i < 10; i++)
        {
            lab.AddNode(cores: 4, "room=a", i < 6 ? "rack=r1" : "rack=r2");
        }

        lab.Runs("model", new FakeProgram { Steps = 400 });
        var simulations = new List<ISimulationGrain>();
        for (var i = 0; i < 16; i++)
        {
            simulations.Add(await lab.SubmitAsync([Lab.Stage("model")], order: i));
        }

        await lab.UntilAsync(() => Task.FromResult(lab.Disk.Processes().Count == simulations.Count), "all run");
        var before = lab.Turns;
        foreach (var node in lab.Nodes.Take(6))
        {
            node.Kill();
        }

        await lab.UntilAsync(() => Task.FromResult(lab.Disk.Processes().Count == simulations.Count), "all run again");
        (lab.Turns - before).ShouldBeLessThanOrEqualTo(12);
        await lab.CheckEndAsync([.. simulations]);

        var failures = new List<FailureRecord>();
        foreach (var simulation in simulations)
        {
            failures.AddRange((await lab.EventsOfAsync(simulation)).Where(static happened => happened.Kind == EventKinds.FailureRecovered).Select(static happened => happened.Failure!));
            (await simulation.GetAsync(Token))!.Stages[0].RetriesUsed.ShouldBe(0);
        }

        failures.ShouldNotBeEmpty();
        failures.ShouldAllBe(static failure => failure.Kind == FailureKind.NodeOffline && failure.Explanation == "6 of 6 nodes of rack=r1 were lost together");
    }

    [Fact]
    public async Task While_the_silo_is_cut_off_from_all_nodes_nothing_is_judged_and_all_goes_on_where_it_was()
    {
        await using var lab = await Lab.OpenAsync(nodes: 6);
        lab.Runs("model", new FakeProgram { Steps = 600 });
        var simulations = new List<ISimulationGrain>();
        for (var i = 0; i < 6; i++)
        {
            simulations.Add(await lab.SubmitAsync([Lab.Stage("model")], order: i));
        }

        await lab.UntilAsync(() => Task.FromResult(lab.Disk.Processes().Count == simulations.Count), "all run");
        foreach (var node in lab.Nodes)
        {
            node.IsCutOff = true;
        }

        for (var turn = 0; turn < 8; turn++)
        {
            await lab.TurnAsync();
        }

        foreach (var node in lab.Nodes)
        {
            node.IsCutOff = false;
        }

        await lab.CheckEndAsync([.. simulations]);
        foreach (var simulation in simulations)
        {
            (await simulation.GetAsync(Token))!.Stages[0].Attempts.ShouldBe(1);
        }
    }

    [Fact]
    public async Task A_node_that_comes_and_goes_is_quarantined_and_the_others_do_its_work()
    {
        await using var lab = await Lab.OpenAsync(nodes: 5);
        lab.Runs("model", new FakeProgram { Steps = 800 });
        var simulation = await lab.SubmitAsync([Lab.Stage("model")]);
        var flapping = lab.Nodes[0];
        var grain = lab.World.Grains.GetGrain<INodeGrain>(flapping.Id.Value);
        await lab.UntilAsync(async () => (await grain.GetAsync(Token))?.Status == NodeStatus.Alive, "it is there");
        for (var times = 0; times < 3; times++)
        {
            flapping.Kill();
            await lab.UntilAsync(async () => (await grain.GetAsync(Token))!.Status == NodeStatus.Lost, "it is lost");
            flapping.StartAgain();
            await lab.UntilAsync(async () => (await grain.GetAsync(Token))!.Status == NodeStatus.Alive, "it is back");
        }

        (await grain.GetAsync(Token))!.Condition.ShouldBe(NodeCondition.Quarantined);
        var others = new List<ISimulationGrain>();
        for (var i = 0; i < 12; i++)
        {
            others.Add(await lab.SubmitAsync([Lab.Stage("later")], order: i + 1));
        }

        await lab.CheckEndAsync([simulation, .. others]);
        foreach (var other in others)
        {
            (await lab.EventsOfAsync(other)).ShouldNotContain(happened => happened.Kind == EventKinds.StageStarted && happened.Node == flapping.Id);
        }
    }
}
