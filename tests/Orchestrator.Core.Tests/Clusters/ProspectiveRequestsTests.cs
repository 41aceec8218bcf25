using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Workflows;
using static Orchestrator.Core.Tests.Clusters.ClusterStory;
using static Orchestrator.Core.Tests.Simulations.Make;

namespace Orchestrator.Core.Tests.Clusters;

/// <summary>What a campaign that might be submitted asks of the planner.</summary>
public sealed class ProspectiveRequestsTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Barriers_behind_barriers_are_each_looked_at_once_however_many_ways_lead_through_them()
    {
        // 2 to the power of 40 ways lead from the last stage to the first ones.
        List<StageDefinition> stages = [Stage("a"), Stage("b")];
        string[] before = ["a", "b"];
        for (var layer = 0; layer < 40; layer++)
        {
            string[] names = [$"left-{layer}", $"right-{layer}"];
            stages.AddRange(names.Select(name => Stage(name, [.. before.Select(other => On(other))]) with { Kind = StageKind.Barrier }));
            before = names;
        }

        stages.Add(Stage("last", [.. before.Select(other => On(other))]));

        var (first, then) = ProspectiveRequests.Of(Simulation([.. stages]), 0, segmentsMax: 1, Now);

        first.Select(static request => request.Attempt.Stage).ShouldBe(["a", "b"]);
        var last = then.ShouldHaveSingleItem();
        last.Request.Attempt.Stage.ShouldBe("last");
        last.After.Select(static attempt => attempt.Stage).ShouldBe(["a", "b"], ignoreOrder: true);
    }

    [Fact]
    public void What_waits_for_barriers_without_work_waits_for_nobody()
    {
        var (first, then) = ProspectiveRequests.Of(Simulation(Stage("gate") with { Kind = StageKind.Barrier }, Stage("run", On("gate"))), 0, segmentsMax: 1, Now);

        first.ShouldHaveSingleItem().Attempt.Stage.ShouldBe("run");
        then.ShouldBeEmpty();
    }

    [Fact]
    public void A_stage_of_several_segments_asks_for_one_after_the_other_and_who_waits_for_it_waits_for_the_last()
    {
        var segmented = Stage("long") with { EstimatedDuration = TimeSpan.FromHours(25), Walltime = TimeSpan.FromHours(10) };

        var (first, then) = ProspectiveRequests.Of(Simulation(segmented, Stage("next", On("long"))), 0, segmentsMax: 100, Now);

        first.ShouldHaveSingleItem().DurationEstimate.ShouldBe(TimeSpan.FromHours(10));
        then.Select(static each => (each.Request.Attempt.Stage, each.Request.Attempt.Epoch, each.After.Single().Epoch, (each.Request.DurationExpected ?? TimeSpan.Zero).TotalHours))
            .ShouldBe([("long", 2, 1, 10.0), ("long", 3, 2, 5.0), ("next", 1, 3, 0.0)]);
        then[1].Request.DurationEstimate.ShouldBe(TimeSpan.FromHours(10), "the last one may hold its nodes as long as the others");

        ProspectiveRequests.Of(Simulation(segmented), 0, segmentsMax: 2, Now).Then.ShouldHaveSingleItem().Request.DurationEstimate.ShouldBe(TimeSpan.FromHours(12.5), "so many at most are asked about");

        var brief = ProspectiveRequests.Of(Simulation(segmented with { EstimatedDuration = TimeSpan.FromHours(1) }), 0, segmentsMax: 2, Now).First.ShouldHaveSingleItem();
        brief.DurationEstimate.ShouldBe(TimeSpan.FromHours(10));
        brief.DurationExpected.ShouldBe(TimeSpan.FromHours(1), "a limit is not how long it takes");
    }

    [Fact]
    public void Work_that_can_checkpoint_starts_before_a_window_as_it_would_if_it_were_submitted()
    {
        var story = With(nodes: 1);
        story.Step(new ClusterInput.WindowsAdded([new() { Id = "w", Start = story.Now.AddDays(2), End = story.Now.AddDays(3) }]));
        var plain = Stage("run") with { EstimatedDuration = TimeSpan.FromDays(3) };
        var saves = plain with { Restart = "run --resume", Checkpoint = new() };

        Start(saves).ShouldBe(story.Now);
        Start(plain).ShouldBe(story.Now.AddDays(3));

        DateTimeOffset? Start(StageDefinition stage)
        {
            var (first, then) = ProspectiveRequests.Of(Simulation(stage) with { Id = new SimulationId("s-might-be") }, 0, segmentsMax: 1, story.Now);
            var answer = new ClusterForecast(new(), SchedulerParts.Default).Ask(story.State, new() { Requests = first, Followers = then }, story.Now, CancellationToken.None);
            return answer.Changed.ShouldHaveSingleItem().Start;
        }
    }
}
