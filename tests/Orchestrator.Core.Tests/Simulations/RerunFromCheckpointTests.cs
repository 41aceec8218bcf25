using System.Collections.Immutable;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>A person lets a stage go on from what it had saved, whatever became of it.</summary>
public sealed class RerunFromCheckpointTests
{
    private const string First = "e1/step-00000100";
    private const string Second = "e1/step-00000200";
    private const string Third = "e1/step-00000300";

    private static readonly StageDefinition Stage = Make.Stage("a") with { Checkpoint = new() { Every = CheckpointTrigger.Program, KeepRecent = 5 } };

    [Fact]
    public void A_stage_that_failed_after_all_its_retries_goes_on_from_its_newest_checkpoint_with_all_of_them_before_it()
    {
        var story = Failed();
        story["a"].ShouldSatisfyAllConditions(static one => one.Status.ShouldBe(StageStatus.Failed), static one => one.RetriesUsed.ShouldBe(3), static one => one.Epoch.ShouldBe(4));
        story["b"].Status.ShouldBe(StageStatus.Skipped);

        GoOn(story, reason: "new disk");

        story.State.ShouldSatisfyAllConditions(static one => one.Status.ShouldBe(SimulationStatus.Running), static one => one.Reason.ShouldBeNull(), static one => one.EndedAt.ShouldBeNull());
        story["a"].ShouldSatisfyAllConditions(
            static one => one.Status.ShouldBe(StageStatus.Queued),
            static one => one.Epoch.ShouldBe(5),
            static one => one.Live!.Restore.ShouldBe([Second, First]),
            static one => one.RetriesUsed.ShouldBe(0),
            static one => one.Failure.ShouldBeNull(),
            static one => one.TriedStep.ShouldBe(-1),
            static one => one.Progress.ShouldBe(0.2),
            static one => one.Checkpoints.ShouldAllBe(static record => !record.PassedOver));
        story["b"].Status.ShouldBe(StageStatus.Waiting);
        story.Events.Last(static one => one.Kind == EventKinds.StageRerun).ShouldSatisfyAllConditions(
            static one => one.Text.ShouldBe($"a goes on from checkpoint {Second} by anna: new disk"), static one => one.Checkpoint.ShouldBe(Second), static one => one.Step.ShouldBe(200));
        story.Events.ShouldContain(static one => one.Kind == EventKinds.SimulationReopened);

        // It has its three retries again, and goes on to its end.
        story.Run("a").Progress("a", 0.25, 250).Exit("a", 9);
        story["a"].ShouldSatisfyAllConditions(static one => one.Status.ShouldBe(StageStatus.Backoff), static one => one.RetriesUsed.ShouldBe(1));
        story.WhenDue().Complete("a").Complete("b").State.Status.ShouldBe(SimulationStatus.Completed);
    }

    [Fact]
    public void Where_going_back_three_times_did_not_help_an_order_begins_with_the_newest_again_or_with_the_one_that_it_names()
    {
        foreach (var (name, expected) in new (string?, string[])[] { (null, [Second, First]), (First, [First]) })
        {
            var story = Saved();
            story.Progress("a", 0.3, 300).Exit("a", 9);
            while (!story["a"].IsFinal)
            {
                story.WhenDue().Run("a").Progress("a", 0.3, 300).Exit("a", 9);
            }

            story["a"].Reason!.ShouldContain("after going back three times");
            GoOn(story, name);

            story["a"].Live!.Restore.ShouldBe(expected);
        }
    }

    [Fact]
    public void A_cancelled_simulation_goes_on_stage_by_stage_and_what_never_ran_waits_again()
    {
        var story = new Story(Stage, Stage with { Name = "d" }, Make.Stage("b", Make.On("a")), Make.Stage("e", Make.On("d")), Make.Stage("end", Make.On("b"), Make.On("e")));
        story.Run("a").Run("d");
        story.Checkpoint("a", 100, 0.1);
        story.Checkpoint("d", 100, 0.1);
        story.Take(new SimulationInput.Cancel("wrong window", "ana"));
        Refusals(story, new() { FromCheckpoint = true }).ShouldHaveSingleItem().ShouldContain("once it is cancelled, 'rerun' lets it go on");
        story.Exit("a", 0, StopReason.Cancel);
        story.Exit("d", 0, StopReason.Cancel);
        story.State.Status.ShouldBe(SimulationStatus.Cancelled);
        Refusals(story, new() { Verb = StageVerb.Hold }).ShouldHaveSingleItem().ShouldContain("only 'rerun'");

        GoOn(story);

        story.State.ShouldSatisfyAllConditions(static one => one.Status.ShouldBe(SimulationStatus.Running), static one => one.Reason.ShouldBeNull());
        story.Events.Last(static one => one.Kind == EventKinds.SimulationReopened).Text.ShouldContain("while d stays cancelled");
        story["a"].ShouldSatisfyAllConditions(static one => one.Epoch.ShouldBe(2), static one => one.Live!.Restore.ShouldBe([First]));
        story["b"].Status.ShouldBe(StageStatus.Waiting);
        story["d"].Status.ShouldBe(StageStatus.Cancelled);

        GoOn(story, stage: "d");

        story["d"].Live!.Restore.ShouldBe([First]);
        story["e"].Status.ShouldBe(StageStatus.Waiting);
        story["end"].Status.ShouldBe(StageStatus.Waiting);
        story.Complete("a").Complete("b").Complete("d").Complete("e").Complete("end").State.Status.ShouldBe(SimulationStatus.Completed);
    }

    [Fact]
    public void What_was_let_go_on_in_part_only_ends_as_cancelled_and_says_what_still_is()
    {
        var story = new Story(Stage, Stage with { Name = "d" }).Run("a").Run("d");
        story.Checkpoint("a", 100, 0.1);
        story.Take(new SimulationInput.Cancel(null));
        story.Exit("a", 0, StopReason.Cancel);
        story.Exit("d", 0, StopReason.Cancel);

        GoOn(story);
        story.Complete("a");

        story.State.ShouldSatisfyAllConditions(static one => one.Status.ShouldBe(SimulationStatus.Cancelled), static one => one.Reason.ShouldBe("stage d stays cancelled; 'rerun' of it lets it go on"));
        Steer(story, new() { Verb = StageVerb.Rerun, Stage = "d" });
        story["d"].Live!.Restore.ShouldBeEmpty("it had saved nothing: it begins anew");
        story.Complete("d").State.Status.ShouldBe(SimulationStatus.Completed);
    }

    [Fact]
    public void A_stage_that_runs_goes_back_to_the_named_one_and_what_was_passed_over_is_kept_and_can_be_named_again()
    {
        var story = Saved();
        story.Checkpoint("a", 300, 0.3);
        story.Progress("a", 0.35, 350);

        GoOn(story, First, reason: "the tracer is wrong from step 150 on");

        story.Events.Last(static one => one.Kind == EventKinds.StageRerun).Text.ShouldBe($"a goes on from checkpoint {First} by anna: the tracer is wrong from step 150 on; 2 newer ones are passed over");
        story["a"].ShouldSatisfyAllConditions(
            static one => one.Recent.ShouldHaveSingleItem().End.ShouldBe(AttemptEnd.Cancelled),
            static one => one.Live!.Restore.ShouldBe([First]),
            static one => one.Checkpoints.Select(static record => record.PassedOver).ShouldBe([false, true, true]));
        story.Released.ShouldHaveSingleItem().Epoch.ShouldBe(1);
        story.Report("a", new AttemptReport.Progressed { Attempt = new(story.Definition.Id, "a", 1), Node = new("n-1"), Step = 400 }).Verdict.ShouldBe(ReportVerdict.Stale);

        story.Run("a").Lose("a")["a"].Live!.Restore.ShouldBe([First], "not from one that was passed over");
        story.Run("a")["a"].Step.ShouldBe(100);
        var fourth = story.Checkpoint("a", 150, 0.15);
        story.Lose("a")["a"].Live!.Restore.ShouldBe([fourth, First]);

        // Room is needed: what would be restored stays, and of what was passed over the newest.
        story.Take(new SimulationInput.PruneCheckpoints("a", 2));
        story["a"].Checkpoints.Select(static record => record.Name).ShouldBe([First, Third, fourth]);

        GoOn(story, Third);
        story["a"].Live!.Restore.ShouldBe([Third, First]);
        story["a"].Checkpoints.Select(static record => record.PassedOver).ShouldBe([false, false, true]);
    }

    [Fact]
    public void The_newest_proven_one_of_those_that_are_restored_is_never_pruned_in_favour_of_one_that_was_passed_over()
    {
        var story = new Story(Stage with { Checkpoint = Stage.Checkpoint with { KeepRecent = 2 } }).Run("a");
        story.Checkpoint("a", 100, 0.1);
        story.Checkpoint("a", 200, 0.2);
        story.Report("a", new AttemptReport.Verified { Checkpoint = Second, Passed = true });
        GoOn(story, First);
        story.Run("a").Progress("a", 0.15, 150);
        foreach (var step in new[] { 160, 170, 180 })
        {
            story.Checkpoint("a", step, step / 1000.0);
        }

        story.Lose("a").Run("a").Take(new SimulationInput.PruneCheckpoints("a", 2));

        story["a"].Checkpoints.Single(static record => record.Name == First).Status.ShouldBe(CheckpointStatus.Proven);
        story["a"].Checkpoints.ShouldContain(static record => record.Name == Second, "nothing that is newer is proven yet");
    }

    [Fact]
    public void A_checkpoint_that_is_about_to_be_restored_is_not_pruned_while_the_stage_waits()
    {
        var story = Saved();
        story.Checkpoint("a", 300, 0.3);
        Steer(story, new() { Verb = StageVerb.Hold });
        GoOn(story, First);
        story["a"].ShouldSatisfyAllConditions(static one => one.Status.ShouldBe(StageStatus.Waiting), static one => one.Live.ShouldBeNull());

        story.Take(new SimulationInput.PruneCheckpoints("a", 1));
        Steer(story, new() { Verb = StageVerb.Release });

        story["a"].Live!.Restore.ShouldBe([First]);
    }

    [Fact]
    public void What_cannot_be_gone_on_from_is_refused_with_the_reason_and_what_can()
    {
        var story = Saved();
        story.Checkpoint("a", 300, 0.3);
        story.Take(new SimulationInput.DistrustCheckpoint("a", Third));

        Refusals(story, new() { Checkpoint = "e9/x" }).ShouldBe([$"checkpoint: there is no 'e9/x' of a; {Second}, {First} can be named."]);
        Refusals(story, new() { Checkpoint = "" }).ShouldBe([$"checkpoint: there is no '' of a; {Second}, {First} can be named."]);
        Refusals(story, new() { Checkpoint = Third }).ShouldBe([$"checkpoint: {Third} is damaged; {Second}, {First} can be named."]);
        Refusals(story, new() { Verb = StageVerb.Hold, Checkpoint = First }).ShouldBe(["checkpoint: only 'rerun' goes on from one."]);
        Refusals(story, new() { Stage = "b", FromCheckpoint = true }).ShouldBe(["b never ran."]);
        Refusals(new Story(Stage).Run("a"), new() { FromCheckpoint = true })
            .ShouldBe(["checkpoint: no checkpoint of the present run of a can be restored; there is none that could be: 'rerun' without a checkpoint begins a anew."]);
        Refusals(new Story(Stage with { Tasks = new() { Set = "a", Groups = [new() { Name = "a", Run = "x" }] } }).Run("a"), new() { FromCheckpoint = true })
            .ShouldHaveSingleItem().ShouldStartWith("checkpoint: a works on tasks");
        var published = Saved();
        published.Exit("a");
        Refusals(published, new() { FromCheckpoint = true }).ShouldHaveSingleItem().ShouldContain("being published");
        story["a"].Epoch.ShouldBe(1);
    }

    [Fact]
    public void The_newest_whole_one_is_taken_where_newer_ones_are_damaged()
    {
        var story = Saved();
        story.Take(new SimulationInput.DistrustCheckpoint("a", Second));

        GoOn(story);

        story["a"].Live!.Restore.ShouldBe([First]);
    }

    [Fact]
    public void What_was_saved_before_a_stage_began_anew_is_restored_only_when_it_is_named()
    {
        var story = Saved();
        Steer(story, new() { Verb = StageVerb.Rerun });
        story.Run("a");
        Refusals(story, new() { FromCheckpoint = true }).ShouldBe([$"checkpoint: no checkpoint of the present run of a can be restored; {Second}, {First} can be named."]);
        var other = story.Checkpoint("a", 50, 0.05);

        GoOn(story, Second);

        story["a"].Live!.Restore.ShouldBe([Second, First]);
        story["a"].Checkpoints.Single(record => record.Name == other).PassedOver.ShouldBeTrue();
    }

    [Fact]
    public void Where_only_what_was_passed_over_is_left_the_stage_is_left_to_a_person_instead_of_begun_anew()
    {
        var story = Saved();
        Steer(story, new() { Verb = StageVerb.Hold });
        GoOn(story, First);
        story.Take(new SimulationInput.DistrustCheckpoint("a", First));

        Steer(story, new() { Verb = StageVerb.Release });

        story["a"].ShouldSatisfyAllConditions(static one => one.Status.ShouldBe(StageStatus.Failed), static one => one.Reason!.ShouldContain("left to a person"));
        GoOn(story, Second);
        story["a"].Live!.Restore.ShouldBe([Second]);
    }

    [Fact]
    public void A_completed_stage_goes_on_from_where_the_files_that_it_appends_to_are_still_there()
    {
        var stage = Stage with { Appends = ["log"], Outputs = ["out"], KeepRuns = 1 };
        var story = Appended(stage);
        story.State.Status.ShouldBe(SimulationStatus.Completed);

        Refusals(story, new() { Checkpoint = First }).ShouldBe([$"checkpoint: to go on from {First} takes what epoch 1 had appended to log, and its run directory was removed; e2/step-00000200 can be named."]);
        GoOn(story);
        story["a"].ShouldSatisfyAllConditions(static one => one.Live!.Restore[0].ShouldBe("e2/step-00000200"), static one => one.Outputs.ShouldBeEmpty(), static one => one.Progress.ShouldBe(0.2));
        story["a"].Runs.Select(static run => run.Epoch).ShouldContain(2);

        Refusals(Appended(stage with { KeepRuns = 0 }), new() { FromCheckpoint = true }).ShouldHaveSingleItem().ShouldContain("there is none that could be");

        // Published files are in the results: of them nothing was removed.
        var published = Appended(stage with { KeepRuns = 0, Outputs = ["log"] });
        GoOn(published, First);
        published["a"].Live!.Restore.ShouldBe([First]);

        // They still are when what went on from there failed for good before it had saved anything.
        published.Take(new SimulationInput.Cancel(null));
        published.Exit("a", 0, StopReason.Cancel);
        published.State.Status.ShouldBe(SimulationStatus.Cancelled);
        Refusals(published, new() { Checkpoint = First }).ShouldBeEmpty();
    }

    [Fact]
    public void What_writes_shared_paths_goes_on_once_nothing_of_the_old_attempt_runs()
    {
        var story = new Story(Stage with { WritesSharedPaths = true }).Run("a");
        story.Checkpoint("a", 100, 0.1);

        GoOn(story);

        story["a"].ShouldSatisfyAllConditions(static one => one.Live.ShouldBeNull(), static one => one.AwaitsDeath!.Epoch.ShouldBe(1));
        story.Take(new SimulationInput.LeaseSeen(new() { Attempt = new(story.Definition.Id, "a", 1), State = LeaseState.Unknown }));
        story["a"].Live!.Restore.ShouldBe([First]);
    }

    [Fact]
    public void Of_a_paused_simulation_it_goes_on_with_the_resume()
    {
        var story = Saved();
        story.Take(new SimulationInput.Pause(null));
        story.Exit("a", 0, StopReason.Pause);
        story.State.Status.ShouldBe(SimulationStatus.Paused);

        GoOn(story, First);

        story["a"].Status.ShouldBe(StageStatus.Paused);
        story.Take(new SimulationInput.Resume(null));
        story["a"].Live!.Restore.ShouldBe([First]);
    }

    [Fact]
    public void Approvals_of_the_stage_stay_and_those_of_what_comes_after_it_are_asked_for_again()
    {
        var story = new Story(Stage with { Trigger = new() { Kind = TriggerKind.Manual, Approval = "anna" } }, Make.Stage("b", new Dependency { Stage = "a", Condition = DependencyCondition.Progress, Progress = 0.3, Approval = "bert" }));
        Steer(story, new() { Verb = StageVerb.Approve });
        story.Run("a");
        story.Checkpoint("a", 100, 0.1);
        story.Progress("a", 0.4, 400);
        Steer(story, new() { Verb = StageVerb.Approve, Stage = "b", By = "bert" });
        story.Run("b");

        GoOn(story);

        story["a"].Status.ShouldBe(StageStatus.Queued);
        story["b"].ShouldSatisfyAllConditions(static one => one.Status.ShouldBe(StageStatus.Waiting), static one => one.Live.ShouldBeNull());
        story.Run("a").Progress("a", 0.4, 400);
        SimulationMachine.Explain(story.State, 1).ShouldBe("waits for bert to approve to go on after a");
    }

    [Fact]
    public void Strategies_that_were_tried_before_the_order_are_tried_again()
    {
        var story = Failed();
        var before = story["a"].Faults[0].Strategy;

        GoOn(story);
        story.Run("a").Progress("a", 0.25, 250).Exit("a", 9);

        story["a"].Faults[^1].Strategy.ShouldBe(before);
    }

    [Fact]
    public void A_stage_that_had_used_up_its_time_has_all_of_it_again()
    {
        var story = new Story(Stage with { Recovery = new() { TimeLimit = TimeSpan.FromHours(1) } }).Run("a");
        story.Checkpoint("a", 100, 0.1);
        story.After(TimeSpan.FromHours(1))["a"].Status.ShouldBe(StageStatus.Failed);

        GoOn(story);

        story.Run("a").After(TimeSpan.FromMinutes(50))["a"].Status.ShouldBe(StageStatus.Running);
        story.After(TimeSpan.FromMinutes(10))["a"].Status.ShouldBe(StageStatus.Failed);
    }

    /// <summary>It runs, with two checkpoints; b waits for it.</summary>
    private static Story Saved()
    {
        var story = new Story(Stage, Make.Stage("b", Make.On("a"))).Run("a");
        story.Checkpoint("a", 100, 0.1).ShouldBe(First);
        story.Checkpoint("a", 200, 0.2).ShouldBe(Second);
        return story;
    }

    /// <summary>It failed four times, each time in another way.</summary>
    private static Story Failed()
    {
        var story = Saved();
        for (var status = 9; status <= 12; status++)
        {
            story.Progress("a", 0.3, 300).Exit("a", status);
            if (status < 12)
            {
                story.WhenDue().Run("a");
            }
        }

        return story;
    }

    /// <summary>Two attempts, each with a checkpoint, of which the second completes.</summary>
    private static Story Appended(StageDefinition stage)
    {
        var story = new Story(stage).Run("a");
        story.Checkpoint("a", 100, 0.1);
        story.Lose("a").Run("a").Progress("a", 0.15, 150);
        story.Checkpoint("a", 200, 0.2);
        story.Exit("a");
        return story.Publish("a", [.. stage.Outputs]);
    }

    private static void GoOn(Story story, string? checkpoint = null, string stage = "a", string? reason = null) =>
        Steer(story, new() { Verb = StageVerb.Rerun, Stage = stage, FromCheckpoint = true, Checkpoint = checkpoint, Reason = reason });

    private static void Steer(Story story, StageOrder order) => story.Take(new SimulationInput.Steer(Whole(order)));

    private static ImmutableArray<string> Refusals(Story story, StageOrder order) => SimulationMachine.Refusals(story.State, Whole(order));

    private static StageOrder Whole(StageOrder order) => order with
    {
        By = order.By.Length == 0 ? "anna" : order.By,
        Stage = order.Stage.Length == 0 ? "a" : order.Stage,
        Verb = order.Verb == StageVerb.Absent ? StageVerb.Rerun : order.Verb,
    };
}
