using Orchestrator.Cli.Demo;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Tests.Demo;

public sealed class DemoStoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly NodeId Third = new("n-node-3");

    private readonly Campaign campaign = CampaignFile.Read("name: c\nproject: a/b\nscenarios: { control: , warm: }\nstages: { coupled: { run: x } }").Campaign!;

    [Fact]
    public void A_node_is_killed_in_the_middle_past_a_checkpoint_and_the_loss_is_told_in_one_line()
    {
        var story = new DemoStory(campaign, "coupled", Start);
        var lines = new List<string>();

        Take(Happens(EventKinds.StageStarted, 1) with { Epoch = 1, Node = Third });
        Take(Happens(EventKinds.CheckpointCommitted, 25) with { Epoch = 1, Step = 1600, Checkpoint = "e1/step-00001600", SimulationProgress = 0.8 });
        story.Choose(Third).ShouldBeNull("it has done nothing since its checkpoint");
        Take(Happens(EventKinds.StageProgressed, 30) with { Epoch = 1, Step = 1800, SimulationProgress = 0.9 });
        story.Choose(Third).ShouldBe(Third);
        lines.AddRange(story.Kill(Third, 4, Start.AddSeconds(31)));
        story.Choose(Third).ShouldBeNull("one is enough");
        Take(new() { Kind = EventKinds.NodeLost, Node = Third, At = Start.AddSeconds(33.1), NoticedAfter = TimeSpan.FromSeconds(2.3) });
        Take(Happens(EventKinds.AttemptEnded, 33.1) with { Epoch = 1, End = "nodeLost", Node = Third });
        Take(Happens(EventKinds.StageStarted, 34) with { Epoch = 2, Node = new NodeId("n-node-1"), Checkpoint = "e1/step-00001600", StepsAgain = 200 });

        lines.ShouldContain(" 31 s: SIGKILL to node-3: its agent and 3 other processes (coupled of warm member 0 at step 1,800)");
        lines.ShouldContain(" 31 s: node-3 killed, warm member 0 at step 1,800; noticed after 2.1 s; restored step 1,600 on node-1; 200 steps again");
        story.Recovered.ShouldBe(1);
        story.AllEnded.ShouldBeFalse();

        void Take(OrchestratorEvent happened) => lines.AddRange(story.Take(happened));
    }

    [Fact]
    public void It_is_over_when_every_simulation_has_ended()
    {
        var story = new DemoStory(campaign, "coupled", Start);

        story.Take(Happens(EventKinds.SimulationCompleted, 40) with { Stage = null });
        story.AllEnded.ShouldBeFalse();
        var lines = story.Take(Happens(EventKinds.SimulationFailed, 41) with { Stage = null, Simulation = new SimulationId("s-c-control"), Text = "Stage coupled failed." });

        story.AllEnded.ShouldBeTrue();
        story.Completed.ShouldBe(1);
        lines.ShouldBe([" 41 s: control member 0 ended: Stage coupled failed. (1 of 2)"]);
    }

    private static OrchestratorEvent Happens(string kind, double second) => new() { Kind = kind, At = Start.AddSeconds(second), Simulation = new SimulationId("s-c-warm"), Stage = "coupled" };
}
