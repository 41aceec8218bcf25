using Orchestrator.Core.Rendering;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>When a stage is asked for previews, and what becomes of those that it makes.</summary>
public sealed class PreviewTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(30);

    private static readonly StageDefinition Render = Make.Stage("a") with { EstimatedDuration = TimeSpan.FromHours(10), Preview = new() { Every = Interval, Levels = [10, 25, 50, 75] } };

    [Fact]
    public void Previews_are_ordered_by_time_at_the_level_of_the_progress_and_registered()
    {
        var story = new Story(Render).Run("a");
        story.After(Interval - TimeSpan.FromMinutes(1)).Order("a").ShouldBeNull();

        story.After(TimeSpan.FromMinutes(1));

        var order = story.Order("a").ShouldNotBeNull();
        (order.Preview, order.PreviewLevel, order.Checkpoint, order.StopBy).ShouldBe((1L, 10, 0L, (DateTimeOffset?)null));
        story.SendOrder("a").Order("a").ShouldBeNull();
        Made(story, 10, 1, TimeSpan.FromSeconds(20));
        var preview = story["a"].Previews.ShouldHaveSingleItem();
        (preview.Level, preview.Quality, preview.Epoch, preview.Cost).ShouldBe((10, 0.1, 1, (TimeSpan?)TimeSpan.FromSeconds(20)));
        preview.Path.ShouldContain("/run/progressive_10pct_1");
        preview.MadeAt.ShouldBe(story.Now);
        story["a"].PreviewCosts[10].ShouldBe(TimeSpan.FromSeconds(20));
        story.Events.ShouldContain(happened => happened.Kind == "preview-ordered");
        story.Events.ShouldContain(happened => happened.Kind == "preview-made" && happened.Text.Contains(preview.Path, StringComparison.Ordinal));

        story.After(Interval);
        story.Order("a")!.Preview.ShouldBe(2);
    }

    [Fact]
    public void A_program_that_got_further_is_asked_for_more()
    {
        var story = new Story(Render).Run("a");
        story.After(Interval).SendOrder("a");
        Made(story, 10, 1, TimeSpan.FromSeconds(1));
        story.After(Interval - TimeSpan.FromSeconds(1)).Progress("a", 0.5);

        // Half of it took an hour: two hours are the whole, and half an hour is a quarter.
        story.After(TimeSpan.FromSeconds(1));

        story.Order("a")!.PreviewLevel.ShouldBe(50);
    }

    [Fact]
    public void A_short_stage_shows_something_at_half_of_its_time()
    {
        var story = new Story(Render with { EstimatedDuration = TimeSpan.FromMinutes(20) }).Run("a");
        SimulationMachine.PreviewPlan(story.State, 0).NextAt.ShouldBe(story.Now + TimeSpan.FromMinutes(10));

        story.After(TimeSpan.FromMinutes(10));

        story.Order("a")!.Preview.ShouldBe(1);
    }

    [Fact]
    public void Who_does_not_answer_is_asked_less_often()
    {
        var story = new Story(Render).Run("a").After(Interval).SendOrder("a");

        story.After(Interval).After(Interval).After(Interval).Order("a").ShouldBeNull();
        story.After(Interval);

        story.Order("a")!.Preview.ShouldBe(2);
    }

    [Fact]
    public void Of_several_that_came_due_while_nobody_looked_one_is_ordered()
    {
        var story = new Story(Render).Run("a").Outage(TimeSpan.FromHours(2));

        story.Order("a")!.Preview.ShouldBe(1);
        story.SendOrder("a").After(TimeSpan.FromMinutes(1)).Order("a").ShouldBeNull();
    }

    [Fact]
    public void A_stage_without_the_key_and_one_that_has_it_switched_off_are_never_asked()
    {
        foreach (var stage in new[] { Render with { Preview = null }, Render with { Preview = Render.Preview! with { Enabled = false } } })
        {
            var story = new Story(stage).Run("a");

            story.After(TimeSpan.FromHours(5)).Order("a").ShouldBeNull();
            SimulationMachine.PreviewPlan(story.State, 0).Plan.Overhead.ShouldBe(0);
            SimulationMachine.Allows(story.State, new SimulationInput.Preview(null, 25)).ShouldBeFalse();
            SimulationMachine.PreviewRefusals(story.State, "a", 25).ShouldHaveSingleItem().ShouldContain("preview");
            SimulationMachine.PreviewRefusals(story.State, null, 25).ShouldHaveSingleItem().ShouldContain("makes no previews");
            Should.Throw<InvalidTransitionException>(() => story.Take(new SimulationInput.Preview("a", 25)));
        }
    }

    [Fact]
    public void By_hand_any_level_is_ordered_of_what_runs()
    {
        var story = new Story(Render, Make.Stage("b")).Run("a").Run("b", "n-2");

        story.Take(new SimulationInput.Preview(null, 33, "ana"));

        story.Order("a")!.PreviewLevel.ShouldBe(33);
        story.Order("b").ShouldBeNull();
        story.Events.ShouldContain(happened => happened.Kind == "preview-ordered" && happened.By == "ana");
        story.SendOrder("a");
        story.Take(new SimulationInput.Preview("a", 0));
        (story.Order("a")!.Preview, story.Order("a")!.PreviewLevel).ShouldBe((2L, 10));
    }

    [Fact]
    public void Everything_that_speaks_against_an_order_is_told()
    {
        var story = new Story(Render);

        SimulationMachine.PreviewRefusals(story.State, "z", 120).Length.ShouldBe(2);
        SimulationMachine.PreviewRefusals(story.State, "a", 25).ShouldHaveSingleItem().ShouldContain("a is queued");
        SimulationMachine.PreviewRefusals(story.State, null, 25).ShouldHaveSingleItem().ShouldContain("a is queued");
        story.Run("a");
        SimulationMachine.PreviewRefusals(story.State, "a", 25).ShouldBeEmpty();
        story.Take(new SimulationInput.Pause(null));
        SimulationMachine.PreviewRefusals(story.State, "a", 25).ShouldHaveSingleItem().ShouldContain("asked to leave");
        story.Order("a")!.Preview.ShouldBe(0);
    }

    [Fact]
    public void A_file_that_is_told_of_again_was_not_made_again()
    {
        var story = new Story(Render).Run("a").After(Interval).SendOrder("a");
        Made(story, 10, 1, TimeSpan.FromSeconds(20));

        Made(story, 10, 1, null);

        story["a"].Previews.ShouldHaveSingleItem().Cost.ShouldBe(TimeSpan.FromSeconds(20));
        story["a"].PreviewsMade.ShouldBe(1);
        story.Events.Count(happened => happened.Kind == "preview-made").ShouldBe(1);
    }

    [Fact]
    public void Previews_outlive_the_attempt_that_made_them_and_a_run_from_the_beginning_keeps_what_was_learned()
    {
        var story = new Story(Render).Run("a").After(Interval).SendOrder("a");
        Made(story, 10, 1, TimeSpan.FromSeconds(20));

        story.Lose("a").Run("a");
        story["a"].Previews.ShouldHaveSingleItem().Epoch.ShouldBe(1);
        story.After(Interval).Order("a")!.Preview.ShouldBe(1, "orders are numbered by attempt");
        story.Take(new SimulationInput.Steer(new() { Verb = StageVerb.Rerun, Stage = "a", By = "ana" }));

        story["a"].Previews.ShouldBeEmpty();
        story["a"].PreviewCosts.Keys.ShouldContain(10);
    }

    [Fact]
    public void A_definition_with_levels_that_make_no_sense_is_refused() =>
        SimulationRules.Problem(Make.Simulation(Render with { Preview = new() { Levels = [50, 10] } })).ShouldBe("stages.a.preview.levels: they are whole numbers from 1 to 99, each above the one before.");

    private static void Made(Story story, int level, long order, TimeSpan? cost)
    {
        var path = $"{RunLayout.RunDirectory(story.Attempt("a"))}/{PreviewName.Of(level, order)}.png";
        story.Report("a", new AttemptReport.Progressed
        {
            Artifacts = [new() { Path = Path.GetFileName(path), Quality = level / 100.0 }],
            Previews = [new() { Level = level, Path = path, Quality = level / 100.0, Order = order, MadeAt = story.Now, Cost = cost }],
        });
    }
}
