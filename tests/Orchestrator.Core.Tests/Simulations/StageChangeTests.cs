using System.Collections.Immutable;
using Orchestrator.Core.Events;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>What a stage that lives asks for is changed, in force from its next attempt on.</summary>
public sealed class StageChangeTests
{
    private static readonly StageDefinition Stage = Make.Stage("a") with { Walltime = TimeSpan.FromHours(12), EstimatedDuration = TimeSpan.FromDays(2), Resources = new() { Threads = 2, GpusPerNode = 1 } };

    [Fact]
    public void An_attempt_that_runs_keeps_what_it_has_and_the_next_one_gets_what_was_set()
    {
        var story = new Story(Stage).Run("a").Progress("a", 0.01, 10);
        var end = story["a"].Live!.EndTime;

        Change(story, new() { Walltime = TimeSpan.FromDays(2), Duration = TimeSpan.FromDays(40), Retries = 10, Resources = Stage.Resources with { GpusPerNode = 4 }, Reason = "month 2" });

        story["a"].ShouldSatisfyAllConditions(
            one => one.Live!.EndTime.ShouldBe(end),
            one => one.Epoch.ShouldBe(1),
            one => one.Resources.ShouldBeNull(),
            one => one.NextResources!.GpusPerNode.ShouldBe(4),
            one => one.Estimate.ShouldBe(TimeSpan.FromDays(40)));
        SimulationMachine.Launch(story.State, story.Attempt("a"), new("n-1"), out _)!.Stage.Resources.GpusPerNode.ShouldBe(1, "what runs is what was launched");
        story.Events.Last(static one => one.Kind == EventKinds.StageChanged).Text.ShouldBe("a asks for other resources, a walltime of 2 d 0 h, 40 d 0 h in all and 10 retries, from its next attempt on by anna: month 2");

        story.Exit("a", 0, StopReason.Walltime);

        story["a"].ShouldSatisfyAllConditions(static one => one.Epoch.ShouldBe(2), static one => one.Resources!.GpusPerNode.ShouldBe(4), static one => one.NextResources.ShouldBeNull());
        story.Request("a").ShouldSatisfyAllConditions(static asked => asked.Resources.GpusPerNode.ShouldBe(4), static asked => asked.DurationEstimate.ShouldBe(TimeSpan.FromDays(2)));
        story.Run("a")["a"].Live!.EndTime.ShouldBe(story.Now + TimeSpan.FromDays(2));
        for (var status = 1; status <= 5; status++)
        {
            story.Exit("a", status);
            story.WhenDue().Run("a");
        }

        story["a"].RetriesUsed.ShouldBe(5, "three were allowed before");
    }

    [Fact]
    public void What_was_submitted_stays_so_and_a_repeat_changes_nothing()
    {
        var story = new Story(Stage, Make.Stage("b", Make.On("a"))).Run("a");
        var order = new StageOrder { Walltime = TimeSpan.Zero, Retries = 5 };
        Change(story, order);
        story.Events.Last(static one => one.Kind == EventKinds.StageChanged).Text.ShouldBe("a asks for no walltime and 5 retries, from its next attempt on by anna");
        var before = story.State;

        Change(story, order);

        story.State.ShouldBeSameAs(before);
        story.State.Definition.Stages[0].Walltime.ShouldBeNull();
        SimulationMachine.Allows(story.State, new SimulationInput.Submit(story.Definition, 0)).ShouldBeTrue();
        Change(story, new() { Stage = "b", Duration = TimeSpan.FromHours(7) });
        story["b"].Estimate.ShouldBe(TimeSpan.FromHours(7));
        SimulationMachine.Submitted(story.State).Stages.Select(static stage => stage.EstimatedDuration).ShouldBe(story.Definition.Stages.Select(static stage => stage.EstimatedDuration));
        SimulationMachine.Allows(story.State, new SimulationInput.Submit(story.Definition, 0)).ShouldBeTrue();
    }

    [Fact]
    public void What_waits_for_nodes_asks_anew_unless_only_its_retries_change()
    {
        var story = new Story(Stage);

        Change(story, new() { Retries = 7 });
        story["a"].Epoch.ShouldBe(1);
        Change(story, new() { Walltime = TimeSpan.FromHours(1) });

        story["a"].Epoch.ShouldBe(2);
        story.Request("a").DurationEstimate.ShouldBe(TimeSpan.FromHours(1));
    }

    [Fact]
    public void Every_mistake_is_told_and_changes_nothing()
    {
        var story = new Story(Stage).Run("a");

        Refusals(story, new() { Walltime = TimeSpan.FromHours(-1), Duration = TimeSpan.Zero, Retries = 101, Priority = PriorityClass.High, Resources = new() { Nodes = 0 } })
            .Select(static problem => problem[..problem.IndexOf(':', StringComparison.Ordinal)]).ShouldBe(["priority", "walltime", "duration", "retries", "resources.nodes"]);
        story.Exit("a", 3);
        story.WhenDue().Run("a").Exit("a", 4);
        Refusals(story, new() { Retries = 1 }).ShouldBe(["retries: 2 are used already; 2 to 100 are allowed."]);
        story.WhenDue().Complete("a");
        Refusals(story, new() { Retries = 9 }).ShouldHaveSingleItem().ShouldContain("only 'rerun'");
    }

    private static void Change(Story story, StageOrder order) => story.Take(new SimulationInput.Steer(Whole(order)));

    private static ImmutableArray<string> Refusals(Story story, StageOrder order) => SimulationMachine.Refusals(story.State, Whole(order));

    private static StageOrder Whole(StageOrder order) => order with { Verb = StageVerb.Change, By = "anna", Stage = order.Stage.Length == 0 ? "a" : order.Stage };
}
