using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Events;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>When checkpoints are asked for, which are kept, and which are restored.</summary>
public sealed class CheckpointTests
{
    private static readonly StageDefinition Stage = Make.Stage("a") with { Retry = new() { RetriesMax = 10 } };

    [Fact]
    public void A_restart_that_gets_past_its_checkpoint_proves_it()
    {
        var story = new Story(Stage).Run("a");
        var name = story.Checkpoint("a", 100);
        story.Lose("a").Run("a").Progress("a", 0.1, 100);

        story["a"].Checkpoints.Single().Status.ShouldBe(CheckpointStatus.Intact);
        story.Progress("a", 0.1, 101);

        story["a"].Checkpoints.Single().Status.ShouldBe(CheckpointStatus.Proven);
        story.Events.ShouldContain(occurrence => occurrence.Kind == EventKinds.CheckpointProven && occurrence.Checkpoint == name);
    }

    [Fact]
    public void Damaged_checkpoints_are_marked_and_never_restored_again()
    {
        var story = new Story(Stage).Run("a");
        var first = story.Checkpoint("a", 100);
        var second = story.Checkpoint("a", 200);
        story.Lose("a").Grant("a");
        SimulationMachine.Launch(story.State, story.Attempt("a"), new("n-1"), out _)!.Restore.Select(record => record.Name).ShouldBe([second, first]);

        story.Start("a", first, second);

        story["a"].Step.ShouldBe(100);
        story["a"].Checkpoints.Single(record => record.Name == second).Status.ShouldBe(CheckpointStatus.Damaged);
        story.Lose("a")["a"].Live!.Restore.ShouldBe([first]);
    }

    [Fact]
    public void What_passed_its_verify_command_is_proven_and_what_did_not_is_damaged()
    {
        var story = new Story(Stage).Run("a");
        var good = story.Checkpoint("a", 100);
        var bad = story.Checkpoint("a", 200);
        story.Report("a", new AttemptReport.Verified { Checkpoint = good, Passed = true });
        story.Report("a", new AttemptReport.Verified { Checkpoint = bad, Passed = false });

        story["a"].Checkpoints.Select(record => record.Status).ShouldBe([CheckpointStatus.Proven, CheckpointStatus.Damaged]);
    }

    [Fact]
    public void Retention_keeps_the_newest_ones_and_the_newest_proven_one()
    {
        var story = new Story(Stage with { Checkpoint = Stage.Checkpoint with { KeepRecent = 2 } }).Run("a");
        var proven = story.Checkpoint("a", 100);
        story.Report("a", new AttemptReport.Verified { Checkpoint = proven, Passed = true });
        var others = Enumerable.Range(2, 6).Select(number => story.Checkpoint("a", number * 100)).ToArray();

        story["a"].Checkpoints.Select(record => record.Name).ShouldBe([proven, others[^2], others[^1]]);
        story.Deleted.Select(record => record.Name).ShouldBe(others[..^2]);
        story["a"].CheckpointsMade.ShouldBe(7);
        story.History.Count(row => row.Checkpoint is not null).ShouldBe(4);
    }

    [Fact]
    public void The_same_failure_at_the_same_step_goes_back_to_the_newest_proven_one_then_further_and_then_to_a_person()
    {
        var story = new Story(Stage with { Checkpoint = Stage.Checkpoint with { KeepRecent = 5 } }).Run("a");
        var names = new List<string>();
        for (var step = 100; step <= 500; step += 100)
        {
            names.Add(story.Checkpoint("a", step));
        }

        story.Report("a", new AttemptReport.Verified { Checkpoint = names[2], Passed = true });
        story.Progress("a", 0.6, 600).Exit("a", 9);

        string[] expected = [names[4], names[2], names[1], names[0]];
        foreach (var name in expected)
        {
            story.WhenDue();
            story["a"].Live!.Restore[0].ShouldBe(name);
            story.Run("a");
            // It gets to the same step, and no further; no restart proves more than it did before.
            story.Report("a", new AttemptReport.Progressed { Progress = 0.6, Step = 600 });
            story.Exit("a", 9);
        }

        story["a"].Status.ShouldBe(StageStatus.Failed);
        story.State.Reason.ShouldBe("stage a failed: exit status 9; the same at the same step after going back three times");
    }

    [Fact]
    public void Another_failure_or_one_at_another_step_restores_the_newest_one()
    {
        var story = new Story(Stage).Run("a");
        story.Checkpoint("a", 100);
        var newest = story.Checkpoint("a", 200);
        story.Progress("a", 0.3, 300).Exit("a", 9);
        story.WhenDue().Run("a").Progress("a", 0.3, 290).Exit("a", 9);

        story.WhenDue()["a"].Live!.Restore[0].ShouldBe(newest);
    }

    [Fact]
    public void A_failure_that_was_got_over_is_forgotten()
    {
        var story = new Story(Stage).Run("a");
        story.Checkpoint("a", 100);
        story.Checkpoint("a", 200);
        story.Progress("a", 0.3, 300).Exit("a", 9);
        story.WhenDue().Run("a").Progress("a", 0.3, 300).Exit("a", 9);
        story.WhenDue().Run("a").Progress("a", 0.31, 301);
        var newest = story.Checkpoint("a", 310);

        story.Lose("a")["a"].Live!.Restore[0].ShouldBe(newest);
    }

    [Fact]
    public void A_stall_is_a_failure_that_goes_back_at_once()
    {
        var story = new Story(Stage with { StallAfter = TimeSpan.FromMinutes(10) }).Run("a");
        var older = story.Checkpoint("a", 100);
        story.Report("a", new AttemptReport.Verified { Checkpoint = older, Passed = true });
        story.Checkpoint("a", 200);
        story.Progress("a", 0.3, 300).After(TimeSpan.FromMinutes(9)).Progress("a", 0.3, 300);
        story["a"].Status.ShouldBe(StageStatus.Running);
        story.After(TimeSpan.FromMinutes(1));

        story["a"].Reason.ShouldBe("no progress for 10 min 00 s; retry 1 of 10");
        story.WhenDue()["a"].Live!.Restore[0].ShouldBe(older);
    }

    [Fact]
    public void Checkpoints_that_kill_the_program_as_it_loads_them_are_gone_back_behind_one_after_the_other()
    {
        var story = new Story(Make.Stage("a") with { Checkpoint = Stage.Checkpoint with { KeepRecent = 5 } }).Run("a");
        string[] names = [.. Enumerable.Range(1, 5).Select(number => story.Checkpoint("a", number * 100))];
        story.Report("a", new AttemptReport.Verified { Checkpoint = names[2], Passed = true });
        story.Progress("a", 0.6, 600).Exit("a", 9);

        // With three retries as by default, too: going back is not cut short by them.
        foreach (var name in new[] { names[4], names[2], names[1], names[0] })
        {
            story.WhenDue();
            story["a"].Live!.Restore[0].ShouldBe(name);
            story.Run("a");
            story.Exit("a", 9);
        }

        story["a"].Status.ShouldBe(StageStatus.Failed);
        story["a"].Reason.ShouldBe("exit status 9; the same at the same step after going back three times");
    }

    [Fact]
    public void What_fails_again_and_again_is_never_begun_anew_by_itself()
    {
        var story = new Story(Stage).Run("a");
        var only = story.Checkpoint("a", 9000);
        story.Progress("a", 0.9, 9050).Exit("a", 9);

        while (!story["a"].IsFinal)
        {
            story.WhenDue();
            story["a"].Live!.Restore.ShouldBe([only]);
            story.Run("a").Progress("a", 0.9, 9050).Exit("a", 9);
        }

        story["a"].Status.ShouldBe(StageStatus.Failed);
        story.Events.ShouldNotContain(static e => e.Text.Contains("from the beginning"));
    }

    [Fact]
    public void A_stage_without_a_checkpoint_that_can_be_restored_says_that_it_begins_anew()
    {
        var story = new Story(Stage).Run("a");
        var only = story.Checkpoint("a", 100);
        story.Take(new SimulationInput.DistrustCheckpoint("a", only));

        story.Lose("a");

        story["a"].Live!.Restore.ShouldBeEmpty();
        story.Events.Last(static e => e.Kind == EventKinds.StageQueued).Text.ShouldBe("a queued, from the beginning: none of its checkpoints can be restored");
    }

    [Fact]
    public void A_code_that_says_so_starts_again_from_the_beginning()
    {
        var onExit = System.Collections.Immutable.ImmutableSortedDictionary<int, ExitMeaning>.Empty.Add(75, ExitMeaning.Retry);
        var story = new Story(Stage with { OnExit = onExit }).Run("a");
        story.Checkpoint("a", 100);
        story.Exit("a", 75);

        story.WhenDue()["a"].Live!.Restore.ShouldBeEmpty();
        story.Run("a").Lose("a")["a"].Live!.Restore.Length.ShouldBe(1);
    }

    [Fact]
    public void Periodic_checkpoints_are_ordered_with_numbers_that_grow()
    {
        var story = new Story(Stage with { Checkpoint = new() { Every = CheckpointTrigger.Periodic, Interval = TimeSpan.FromMinutes(10) } }).Run("a");
        SimulationMachine.CheckpointPlan(story.State, 0).ShouldBe((TimeSpan.FromMinutes(10), story.Now + TimeSpan.FromMinutes(10)));

        story.After(TimeSpan.FromMinutes(10));
        story.Order("a")!.Checkpoint.ShouldBe(1);
        story.SendOrder("a").After(TimeSpan.FromSeconds(30));
        story.Checkpoint("a", 100);
        SimulationMachine.CheckpointPlan(story.State, 0).NextAt.ShouldBe(story.Now + TimeSpan.FromMinutes(10));
        story.After(TimeSpan.FromMinutes(10));

        story.Order("a")!.Checkpoint.ShouldBe(2);
    }

    [Fact]
    public void Adaptive_checkpoints_follow_cost_and_failures_and_never_risk_more_than_the_largest_loss()
    {
        var story = new Story(Stage with { Checkpoint = new() { Every = CheckpointTrigger.Adaptive, MaxLoss = TimeSpan.FromMinutes(55) } }).Run("a");
        SimulationMachine.CheckpointPlan(story.State, 0).Interval.ShouldBe(TimeSpan.FromMinutes(55) - TimeSpan.FromSeconds(25));

        story.Checkpoint("a", 1, cost: TimeSpan.FromMilliseconds(100));
        var cheap = SimulationMachine.CheckpointPlan(story.State, 0).Interval!.Value;
        for (var loss = 0; loss < 20; loss++)
        {
            story.Lose("a").Run("a").Progress("a", 0.01 * loss, 2 + loss);
        }

        cheap.ShouldBeLessThan(TimeSpan.FromMinutes(13));
        SimulationMachine.CheckpointPlan(story.State, 0).Interval!.Value.ShouldBeLessThan(cheap);
    }

    [Fact]
    public void An_order_of_a_person_reaches_everything_that_runs()
    {
        var story = new Story(Stage, Make.Stage("b"), Make.Stage("c")).Run("a").Run("b", "n-2");

        story.Take(new SimulationInput.Checkpoint("before the maintenance"));

        story.Order("a")!.Checkpoint.ShouldBe(1);
        story.Order("b")!.Checkpoint.ShouldBe(1);
        story.Order("c").ShouldBeNull();
    }
}
