using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>Strategies, orders of people about checkpoints, and the last one before an end.</summary>
public sealed class CheckpointPolicyTests
{
    private static readonly StageDefinition Stage = Make.Stage("a") with { Retry = new() { RetriesMax = 10 }, Checkpoint = new() { Every = CheckpointTrigger.Program } };

    [Fact]
    public void Progress_brings_a_checkpoint_about_after_every_share_of_it()
    {
        var story = new Story(Stage with { Checkpoint = new() { Every = CheckpointTrigger.Progress, ProgressDelta = 0.05 } }).Run("a");
        story.After(TimeSpan.FromMinutes(1)).Progress("a", 0.04, 4);
        story.Order("a").ShouldBeNull();

        story.After(TimeSpan.FromMinutes(1)).Progress("a", 0.05, 5);
        story.Order("a")!.Checkpoint.ShouldBe(1);
        story.SendOrder("a").After(TimeSpan.FromMinutes(1)).Progress("a", 0.09, 9);
        story.Order("a").ShouldBeNull();
        story.After(TimeSpan.FromMinutes(1)).Progress("a", 0.11, 11);

        story.Order("a")!.Checkpoint.ShouldBe(2);
    }

    [Fact]
    public void Hybrid_goes_by_time_too()
    {
        var story = new Story(Stage with { Checkpoint = new() { Every = CheckpointTrigger.Hybrid, Interval = TimeSpan.FromMinutes(30) } }).Run("a");

        story.After(TimeSpan.FromMinutes(30));

        story.Order("a")!.Checkpoint.ShouldBe(1);
    }

    [Fact]
    public void What_happens_to_another_stage_is_worth_a_checkpoint()
    {
        var story = new Story(Stage with { Checkpoint = new() { Every = CheckpointTrigger.Event } }, Make.Stage("b")).Run("a").Run("b", "n-2");

        story.After(TimeSpan.FromMinutes(1)).Lose("b", "n-2");

        story.Order("a")!.Checkpoint.ShouldBe(1);
    }

    [Fact]
    public void A_file_that_it_reports_is_worth_a_checkpoint_of_its_own()
    {
        var story = new Story(Stage with { Checkpoint = new() { Every = CheckpointTrigger.Event, On = [CheckpointEvent.Artifact] } }, Make.Stage("b")).Run("a").Run("b", "n-2");
        story.After(TimeSpan.FromMinutes(1)).Lose("b", "n-2");
        story.Order("a").ShouldBeNull();

        story.Report("a", new AttemptReport.Progressed { Artifacts = [new() { Path = "preview.nc", Quality = 0.5 }] });

        story.Order("a")!.Checkpoint.ShouldBe(1);
    }

    [Fact]
    public void A_pinned_checkpoint_stays_until_it_is_not_pinned_any_more()
    {
        var story = new Story(Stage with { Checkpoint = Stage.Checkpoint with { KeepRecent = 2 } }).Run("a");
        var pinned = story.Checkpoint("a", 100);
        story.Take(new SimulationInput.PinCheckpoint("a", pinned, true));
        for (var step = 200; step <= 600; step += 100)
        {
            story.Checkpoint("a", step);
        }

        story["a"].Checkpoints.Length.ShouldBe(3);
        story["a"].Checkpoints[0].Name.ShouldBe(pinned);
        story.Take(new SimulationInput.PinCheckpoint("a", pinned, false));

        story["a"].Checkpoints.ShouldNotContain(record => record.Name == pinned);
        story.Deleted.ShouldContain(record => record.Name == pinned);
    }

    [Fact]
    public void Pruning_by_hand_leaves_what_always_stays()
    {
        var story = new Story(Stage with { Checkpoint = Stage.Checkpoint with { KeepRecent = 10 } }).Run("a");
        var proven = story.Checkpoint("a", 100);
        story.Report("a", new AttemptReport.Verified { Checkpoint = proven, Passed = true });
        for (var step = 200; step <= 600; step += 100)
        {
            story.Checkpoint("a", step);
        }

        story.Take(new SimulationInput.PruneCheckpoints(null, 2));

        story["a"].Checkpoints.Select(record => record.Step).ShouldBe([100, 500, 600]);
    }

    [Fact]
    public void A_checkpoint_that_somebody_found_damaged_is_never_restored()
    {
        var story = new Story(Stage).Run("a");
        var older = story.Checkpoint("a", 100);
        var newer = story.Checkpoint("a", 200);

        story.Take(new SimulationInput.DistrustCheckpoint("a", newer));
        story.Take(new SimulationInput.DistrustCheckpoint("nothing", newer));

        story.Lose("a")["a"].Live!.Restore.ShouldBe([older]);
    }

    [Fact]
    public void Another_policy_counts_at_once_for_the_timing_and_for_the_next_launch()
    {
        var story = new Story(Stage with { Checkpoint = ResilienceLevels.Apply(new(), ResilienceLevel.Standard) }).Run("a");
        var changed = ResilienceLevels.Apply(new(), ResilienceLevel.High);

        story.Take(new SimulationInput.ChangeCheckpointPolicy("a", changed));
        var version = story.State.Version;
        story.Take(new SimulationInput.ChangeCheckpointPolicy(null, changed));

        story.State.Version.ShouldBe(version);
        SimulationMachine.CheckpointPlan(story.State, 0).Interval.ShouldBe(TimeSpan.FromMinutes(30));
        SimulationMachine.Launch(story.State, story.Attempt("a"), new("n-1"), out _)!.Stage.Checkpoint.Level.ShouldBe(ResilienceLevel.High);
    }

    [Fact]
    public void An_unknown_stage_or_a_policy_that_contradicts_itself_is_refused()
    {
        var story = new Story(Stage).Run("a");

        SimulationMachine.Allows(story.State, new SimulationInput.ChangeCheckpointPolicy("nothing", new())).ShouldBeFalse();
        SimulationMachine.Allows(story.State, new SimulationInput.ChangeCheckpointPolicy("a", new() { Every = CheckpointTrigger.Periodic })).ShouldBeFalse();
        SimulationMachine.Allows(story.State, new SimulationInput.ChangeCheckpointPolicy("a", new() { OverheadMax = 2 })).ShouldBeFalse();
    }

    [Fact]
    public void Checkpoints_of_one_second_are_told_apart_by_their_numbers()
    {
        var story = new Story(Stage).Run("a");
        story.Checkpoint("a", 1);
        story.Checkpoint("a", 2);
        story.Checkpoint("a", 3);

        story["a"].Checkpoints.Select(record => record.Number).ShouldBe([1, 2, 3]);
        story["a"].Checkpoints.Select(record => record.Name).Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public void A_smaller_kind_is_ordered_where_a_full_one_costs_too_much()
    {
        var policy = new CheckpointPolicy { Every = CheckpointTrigger.Adaptive, MaxLoss = TimeSpan.FromMinutes(10), Smaller = CheckpointKind.CriticalState };
        var story = new Story(Stage with { Checkpoint = policy }).Run("a");
        story.Checkpoint("a", 1, cost: TimeSpan.FromSeconds(60));

        story.After(SimulationMachine.CheckpointPlan(story.State, 0).Interval!.Value);

        story.Order("a")!.CheckpointKind.ShouldBe(CheckpointKind.CriticalState);
        SimulationMachine.ExplainCheckpoints(story.State, 0).Conflict!.ShouldContain("critical-state");
    }

    [Fact]
    public void What_is_believed_before_anything_was_measured_is_said_at_submission()
    {
        SimulationMachine.ExplainCheckpoints(Stage with { Checkpoint = new() }).Conflict.ShouldBeNull();
        SimulationMachine.ExplainCheckpoints(Stage with { Checkpoint = new() { MaxLoss = TimeSpan.FromSeconds(40), OverheadMax = 0.01 } }).Conflict!.ShouldContain("believed");
    }
}
