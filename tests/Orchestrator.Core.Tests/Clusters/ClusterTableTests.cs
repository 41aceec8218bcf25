using Orchestrator.Core.Clusters;
using Orchestrator.Core.Nodes;
using static Orchestrator.Core.Tests.Clusters.ClusterStory;

namespace Orchestrator.Core.Tests.Clusters;

/// <summary>What each input makes of an attempt in each state, as text: a change of a rule is a change of a line.</summary>
public sealed class ClusterTableTests
{
    private static readonly (string Name, Func<ClusterStory, ClusterInput> Of)[] Inputs =
    [
        ("Requested again", story => new ClusterInput.Requested(story.RequestOf(1, epoch: 2))),
        ("Requested older", story => new ClusterInput.Requested(story.RequestOf(1))),
        ("Requested newer", story => new ClusterInput.Requested(story.RequestOf(1, epoch: 3))),
        ("Released", story => new ClusterInput.Released(Attempt(1, 2))),
        ("Ordered", story => new ClusterInput.Ordered(new() { Attempt = Attempt(1, 2), Checkpoint = 1 })),
        ("Node alive", story => new ClusterInput.Observed(story.Observation(1, done: 99))),
        ("Node not seen", story => new ClusterInput.Observed(story.Observation(1, NodeStatus.NotSeen))),
        ("Node lost", story => new ClusterInput.Observed(story.Observation(1, NodeStatus.Lost))),
        ("Node dead", story => new ClusterInput.Observed(story.Observation(1, NodeStatus.SeenDead))),
        ("Node drains", story => new ClusterInput.Observed(story.Observation(1, drain: NodeVerb.Drain))),
        ("Planned", story => new ClusterInput.Planned(new Core.Scheduling.Scheduler().Plan(ClusterPlanning.Problem(story.State), story.Now), story.State.Version)),
    ];

    [Fact]
    public void Every_state_takes_every_input_as_the_table_says() => string.Join('\n', Table()).ShouldBe(
        """
        Unknown  + Requested again -> Queued: lease-requested
        Unknown  + Requested older -> Unknown: lease-requested
        Unknown  + Requested newer -> Unknown: lease-requested
        Unknown  + Released        -> Unknown
        Unknown  + Ordered         -> Unknown
        Unknown  + Node alive      -> Unknown
        Unknown  + Node not seen   -> Unknown: node-changed
        Unknown  + Node lost       -> Unknown: node-changed
        Unknown  + Node dead       -> Unknown: node-changed
        Unknown  + Node drains     -> Unknown: node-changed
        Unknown  + Planned         -> Unknown
        Queued   + Requested again -> Queued
        Queued   + Requested older -> Queued
        Queued   + Requested newer -> Unknown: lease-withdrawn lease-requested
        Queued   + Released        -> Unknown: lease-withdrawn
        Queued   + Ordered         -> Queued
        Queued   + Node alive      -> Queued
        Queued   + Node not seen   -> Queued: node-changed
        Queued   + Node lost       -> Queued: node-changed
        Queued   + Node dead       -> Queued: node-changed
        Queued   + Node drains     -> Queued: node-changed
        Queued   + Planned         -> Granted: lease-granted
        Granted  + Requested again -> Granted
        Granted  + Requested older -> Granted
        Granted  + Requested newer -> Unknown: lease-released lease-requested
        Granted  + Released        -> Unknown: lease-released
        Granted  + Ordered         -> Granted: lease-ordered
        Granted  + Node alive      -> Granted
        Granted  + Node not seen   -> Granted: node-changed
        Granted  + Node lost       -> Lost: node-changed lease-lost
        Granted  + Node dead       -> Lost: node-changed lease-lost share-vacated
        Granted  + Node drains     -> Granted: node-changed lease-ordered
        Granted  + Planned         -> Granted
        Lost     + Requested again -> Lost
        Lost     + Requested older -> Lost
        Lost     + Requested newer -> Unknown: lease-released lease-requested
        Lost     + Released        -> Unknown: lease-released
        Lost     + Ordered         -> Lost
        Lost     + Node alive      -> Lost: node-changed share-vacated
        Lost     + Node not seen   -> Lost: node-changed
        Lost     + Node lost       -> Lost
        Lost     + Node dead       -> Lost: node-changed share-vacated
        Lost     + Node drains     -> Lost: node-changed
        Lost     + Planned         -> Lost
        Released + Requested again -> Unknown
        Released + Requested older -> Unknown
        Released + Requested newer -> Unknown: lease-requested
        Released + Released        -> Unknown
        Released + Ordered         -> Unknown
        Released + Node alive      -> Unknown: share-vacated
        Released + Node not seen   -> Unknown: node-changed
        Released + Node lost       -> Unknown: node-changed
        Released + Node dead       -> Unknown: node-changed share-vacated
        Released + Node drains     -> Unknown: node-changed
        Released + Planned         -> Unknown
        """);

    private static IEnumerable<string> Table()
    {
        foreach (var state in new[] { "Unknown", "Queued", "Granted", "Lost", "Released" })
        {
            foreach (var (name, of) in Inputs)
            {
                var story = In(state);
                var facts = story.Step(of(story)).Select(NameOf).ToList();
                yield return $"{state,-8} + {name,-15} -> {story.Status(1, 2).State}{(facts.Count == 0 ? "" : ": " + string.Join(' ', facts))}";
            }
        }
    }

    private static ClusterStory In(string state)
    {
        var story = With(nodes: 1);
        if (state == "Unknown")
        {
            return story;
        }

        story.Request(1, epoch: 2);
        if (state != "Queued")
        {
            story.Plan();
        }

        if (state == "Lost")
        {
            story.See(1, NodeStatus.Lost);
        }
        else if (state == "Released")
        {
            story.Release(1, epoch: 2);
        }

        return story;
    }

    private static string NameOf(ClusterFact fact) => typeof(ClusterFact).GetCustomAttributes(typeof(System.Text.Json.Serialization.JsonDerivedTypeAttribute), false)
        .Cast<System.Text.Json.Serialization.JsonDerivedTypeAttribute>().Single(derived => derived.DerivedType == fact.GetType()).TypeDiscriminator!.ToString()!;
}
