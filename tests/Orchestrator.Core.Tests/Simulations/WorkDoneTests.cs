using Orchestrator.Core.Simulations;
using static Orchestrator.Core.Tests.Simulations.Make;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>How far a stage is, by its running time: when it ends is told by that where its program says nothing.</summary>
public sealed class WorkDoneTests
{
    private const int Continue = 85;

    [Fact]
    public void It_is_known_after_more_segments_than_are_kept()
    {
        var story = new Story(Stage("run") with { EstimatedDuration = TimeSpan.FromDays(180) });
        for (var segment = 1; segment <= 3 * StageState.RecentMax; segment++)
        {
            story.Run("run").After(TimeSpan.FromDays(2));
            story.Checkpoint("run", segment);
            story.Exit("run", Continue);
        }

        Done(story).ShouldBe(TimeSpan.FromDays(30), "what waits goes on from its checkpoint");

        story.Grant("run");
        Done(story).ShouldBe(TimeSpan.FromDays(30), "what has its nodes, too");

        story.Start("run", story["run"].Live!.Restore[0]).After(TimeSpan.FromHours(12));
        Done(story).ShouldBe(TimeSpan.FromDays(30.5));
    }

    [Fact]
    public void What_was_lost_is_not_in_it()
    {
        var story = new Story(Stage("run") with { EstimatedDuration = TimeSpan.FromDays(10) });
        story.Run("run").After(TimeSpan.FromDays(1));
        story.Checkpoint("run", 1);
        story.After(TimeSpan.FromDays(3));

        Done(story).ShouldBe(TimeSpan.FromDays(4));

        story.Lose("run");
        Done(story).ShouldBe(TimeSpan.FromDays(1));

        story.After(TimeSpan.FromHours(1)).Run("run").After(TimeSpan.FromHours(1));
        Done(story).ShouldBe(TimeSpan.FromHours(25));
    }

    [Fact]
    public void What_has_no_checkpoint_begins_anew()
    {
        var story = new Story(Stage("run") with { EstimatedDuration = TimeSpan.FromDays(10) });
        Done(story).ShouldBe(TimeSpan.Zero);
        story.Run("run").After(TimeSpan.FromDays(3));
        Done(story).ShouldBe(TimeSpan.FromDays(3));

        story.Lose("run");

        Done(story).ShouldBe(TimeSpan.Zero);
    }

    private static TimeSpan Done(Story story) => Estimates.WorkDone(story["run"], story.Now);
}
