using Orchestrator.Core.Clusters;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Simulations;
using static Orchestrator.Core.Tests.Clusters.ClusterStory;

namespace Orchestrator.Core.Tests.Clusters;

/// <summary>What writes where others do counts as running until it was seen dead, or a person says so.</summary>
public sealed class ClusterDeclaredDeadTests
{
    private static readonly LeaseEnding Dead = new() { End = AttemptEnd.NodeLost, Dead = true };

    [Fact]
    public void It_holds_a_node_that_is_lost_until_a_person_answers_for_it_and_then_the_node_is_forgotten()
    {
        var story = Lost(nodes: 1);
        story.Release(1);
        Tidy(story);
        story.State.Leases.ShouldNotBeEmpty("it may still write");

        story.Step(new ClusterInput.Released(Attempt(1), Dead));

        story.State.Leases.ShouldBeEmpty();
        Tidy(story);
        story.State.Nodes.ShouldBeEmpty();
    }

    [Fact]
    public void The_word_of_a_person_may_come_with_the_release_itself()
    {
        var story = Lost(nodes: 1);

        story.Step(new ClusterInput.Released(Attempt(1), Dead));

        story.State.Leases.ShouldBeEmpty();
        story.Step(new ClusterInput.Released(Attempt(1), Dead)).ShouldBeEmpty("a repeat");
    }

    [Fact]
    public void Of_a_node_that_is_in_sight_its_agent_knows_better()
    {
        var story = Lost(nodes: 2);
        story.Step(new ClusterInput.Released(Attempt(1), Dead));
        story.State.Leases.ShouldHaveSingleItem().Value.Vacated.ShouldBe([Node(1)]);

        story.CarryOut(2);

        story.State.Leases.ShouldBeEmpty();
    }

    /// <summary>It ran on all nodes, and the first of them fell silent.</summary>
    private static ClusterStory Lost(int nodes)
    {
        var story = With(nodes);
        story.Step(new ClusterInput.Requested(story.RequestOf(1, nodes) with { WritesSharedPaths = true }));
        story.Plan();
        story.Survey([story.Observation(1, NodeStatus.Lost), .. Enumerable.Range(2, nodes - 1).Select(number => story.Observation(number, running: [Attempt(1)]))]);
        story.Status(1).State.ShouldBe(LeaseState.Lost);
        return story;
    }

    private static void Tidy(ClusterStory story)
    {
        story.Pass(2 * story.Policy.ForgetNodesAfter);
        story.Step(new ClusterInput.Tidied());
    }
}
