using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Tests.Clusters;

public sealed class ClusterTrustTests
{
    [Fact]
    public void A_degraded_node_gets_no_new_work_keeps_what_it_runs_and_gets_some_when_it_eases()
    {
        var story = With(nodes: 4);
        story.Granted(1, cores: 4);
        var node = Assigned(story, 1);

        Condition(story, node, NodeCondition.Degraded);
        story.Request(2, nodes: 4);
        story.Plan();
        story.Status(1).State.ShouldBe(LeaseState.Granted);
        story.Status(2).State.ShouldBe(LeaseState.Queued);
        story.Release(1);
        story.CarryOut(node);
        Condition(story, node, NodeCondition.Degraded);
        story.Plan();
        story.Status(2).State.ShouldBe(LeaseState.Queued);
        Condition(story, node, NodeCondition.Sound);
        story.Plan();

        story.Status(2).State.ShouldBe(LeaseState.Granted);
    }

    [Fact]
    public void Never_more_than_a_quarter_of_the_nodes_is_kept_from_work()
    {
        var story = With(nodes: 8);

        for (var node = 1; node <= 5; node++)
        {
            Condition(story, node, NodeCondition.Quarantined);
        }

        story.State.Nodes.Values.Count(static node => node.IsWithheld).ShouldBe(2);
    }

    [Fact]
    public void A_node_on_which_attempt_after_attempt_fails_by_its_fault_is_left_alone_for_a_while_and_trusted_less()
    {
        var story = With(nodes: 4);
        for (var number = 1; number <= 5; number++)
        {
            Fail(story, number, 1);
        }

        var blamed = story.State.Nodes["n-1"];
        blamed.IsWithheld.ShouldBeTrue();
        blamed.Reliability.Score.ShouldBeLessThan(0.5);
        story.Pass(TimeSpan.FromSeconds(61));
        story.Survey([.. Enumerable.Range(1, 4).Select(node => story.Observation(node))]);
        story.State.Nodes["n-1"].IsWithheld.ShouldBeFalse();
    }

    [Fact]
    public void Work_that_ends_well_or_fails_by_itself_is_not_held_against_its_node()
    {
        var story = With(nodes: 1);

        story.Granted(1);
        story.Step(new ClusterInput.Released(story.Status(1).Attempt, new() { End = AttemptEnd.Failed, Held = TimeSpan.FromHours(1) }));
        story.State.Nodes["n-1"].Reliability.Latest.ShouldBeEmpty();
        story.CarryOut(1);
        story.Granted(2);
        story.Step(new ClusterInput.Released(story.Status(2).Attempt, new() { End = AttemptEnd.Walltime, Held = TimeSpan.FromHours(1) }));

        story.State.Nodes["n-1"].Reliability.Latest.ShouldBe([true]);
        story.State.Nodes["n-1"].Reliability.Score.ShouldBe(1);
    }

    [Fact]
    public void A_node_that_is_lost_under_its_work_is_trusted_less()
    {
        var story = With(nodes: 1);
        story.Granted(1);

        story.See(1, NodeStatus.Lost);

        story.Status(1).State.ShouldBe(LeaseState.Lost);
        story.State.Nodes["n-1"].Reliability.Failures.ShouldBe(1);
    }

    [Fact]
    public void A_rack_that_falls_silent_is_one_event_and_its_losses_are_taken_at_once_though_most_nodes_are_silent()
    {
        var story = Racked();
        var silentSince = story.Now;
        story.Granted(1, nodes: 10, cores: 4);
        story.Pass(story.Policy.DetectionWindow);

        story.Survey([.. Enumerable.Range(1, 10).Select(node => Seen(story, node, node <= 6, silentSince))]);

        story.Status(1).State.ShouldBe(LeaseState.Lost);
        story.State.LossesHeldSince.ShouldBeNull();
        story.State.Together.ShouldHaveSingleItem().ToString().ShouldBe("6 of 6 nodes of rack=r1");
        story.Status(1).Together.ShouldBe("6 of 6 nodes of rack=r1");
        story.Survey([.. Enumerable.Range(1, 10).Select(node => Seen(story, node, node <= 6, silentSince))]);
        story.State.Together.Length.ShouldBe(1);
    }

    [Fact]
    public void When_nodes_of_all_racks_fall_silent_together_it_is_the_network_of_the_silo_and_losses_are_held_back()
    {
        var story = Racked();
        var silentSince = story.Now;
        story.Granted(1, nodes: 10, cores: 4);
        story.Pass(story.Policy.DetectionWindow);

        story.Survey([.. Enumerable.Range(1, 10).Select(node => Seen(story, node, node is not (1 or 10), silentSince))]);

        story.Status(1).State.ShouldBe(LeaseState.Granted);
        story.State.LossesHeldSince.ShouldBe(story.Now);
        story.State.Together.ShouldBeEmpty();
    }

    private static ClusterStory With(int nodes)
    {
        var story = new ClusterStory();
        for (var node = 1; node <= nodes; node++)
        {
            story.See(node);
        }

        return story;
    }

    /// <summary>Ten nodes: six in one rack, four in another.</summary>
    private static ClusterStory Racked()
    {
        var story = new ClusterStory();
        for (var node = 1; node <= 10; node++)
        {
            story.Step(new ClusterInput.Observed(Seen(story, node, silent: false, story.Now)));
        }

        return story;
    }

    private static NodeObservation Seen(ClusterStory story, int node, bool silent, DateTimeOffset silentSince)
    {
        var seen = story.Observation(node, silent ? NodeStatus.Lost : NodeStatus.Alive, lastSeen: silent ? silentSince : story.Now);
        return seen with { Inventory = seen.Inventory with { Capabilities = seen.Inventory.Capabilities with { Topology = ["room=a", node <= 6 ? "rack=r1" : "rack=r2"] } } };
    }

    private static void Condition(ClusterStory story, int node, NodeCondition condition)
    {
        var seen = story.Observation(node);
        story.Step(new ClusterInput.Observed(seen with { Inventory = seen.Inventory with { Condition = condition, ConditionReason = "others use it" }, WantedVersionDone = story.State.Version }));
    }

    private static int Assigned(ClusterStory story, int number) => int.Parse(story.Status(number).Shares[0].Node.Value[2..], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>An attempt that runs on the node and fails by its fault.</summary>
    private static void Fail(ClusterStory story, int number, int node)
    {
        var attempt = story.Request(number).Attempt;
        story.Step(new ClusterInput.Planned(new() { Placements = [new() { Attempt = attempt, Shares = [new() { Node = new NodeId($"n-{node}"), Cores = [0] }] }] }, story.State.Version));
        story.Status(number).State.ShouldBe(LeaseState.Granted);
        story.Step(new ClusterInput.Released(attempt, new() { End = AttemptEnd.LaunchRefused, Held = TimeSpan.FromSeconds(1), NodeAtFault = true }));
        story.CarryOut(node);
    }
}
