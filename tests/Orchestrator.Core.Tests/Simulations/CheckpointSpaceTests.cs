using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>Checkpoints that fail, for which there is no room, that cannot be read somewhere, that were restored, and that somebody wants at a time.</summary>
public sealed class CheckpointSpaceTests
{
    private static readonly StageDefinition Stage = Make.Stage("a") with
    {
        Retry = new() { RetriesMax = 10 },
        Checkpoint = new() { Every = CheckpointTrigger.Program, KeepRecent = 5, Retention = new() { EveryNth = 1 }, Smaller = CheckpointKind.CriticalState },
    };

    [Fact]
    public void Without_room_older_ones_go_the_newest_proven_one_stays_smaller_ones_are_asked_for_and_it_runs_on()
    {
        var story = new Story(Stage).Run("a");
        var proven = story.Checkpoint("a", 100);
        story.Report("a", new AttemptReport.Verified { Checkpoint = proven, Passed = true });
        for (var step = 200; step <= 600; step += 100)
        {
            story.Checkpoint("a", step);
        }

        story["a"].Checkpoints.Length.ShouldBe(6);
        story.Report("a", new AttemptReport.CheckpointFailed { Checkpoint = "e1/step-00000700", Reason = "No space left on device", IsNoRoom = true, Step = 700 });

        story["a"].Checkpoints.Where(IsRestorable).Select(record => record.Step).ShouldBe([100, 500, 600]);
        var failed = story["a"].Checkpoints.Single(record => record.Status == CheckpointStatus.Failed);
        (failed.Step, failed.Reason).ShouldBe((700, "No space left on device"));
        story["a"].Status.ShouldBe(StageStatus.Running);
        story.Take(new SimulationInput.Checkpoint(null));
        story.Order("a")!.CheckpointKind.ShouldBe(CheckpointKind.CriticalState);
        story.Events.Count(happened => happened.Kind == EventKinds.CheckpointSpaceLow).ShouldBe(1);
        story.Lose("a")["a"].Live!.Restore[0].ShouldBe("e1/step-00000600");
    }

    [Fact]
    public void With_room_again_everything_is_as_the_policy_says()
    {
        var story = new Story(Stage).Run("a");
        Stored(story, 100, "The store may have 100 bytes.");
        Stored(story, 200, "The store may have 100 bytes.");
        story["a"].IsShortOfSpace.ShouldBeTrue();
        Stored(story, 300, null);

        story["a"].IsShortOfSpace.ShouldBeFalse();
        story.Take(new SimulationInput.Checkpoint(null));
        story.Order("a")!.CheckpointKind.ShouldBe(CheckpointKind.Full);
        story.Events.Select(happened => happened.Kind).Where(kind => kind.StartsWith("checkpoint-space", StringComparison.Ordinal))
            .ShouldBe([EventKinds.CheckpointSpaceLow, EventKinds.CheckpointSpaceWell]);
    }

    [Fact]
    public void What_failed_once_and_is_whole_when_it_is_looked_at_again_is_a_checkpoint_after_all()
    {
        var story = new Story(Stage).Run("a");
        story.Report("a", new AttemptReport.CheckpointFailed { Checkpoint = "e1/step-00000100", Reason = "it changed while it was read", Step = 100 });
        story["a"].IsShortOfSpace.ShouldBeFalse();

        story.Checkpoint("a", 100);

        story["a"].Checkpoints.ShouldHaveSingleItem().Status.ShouldBe(CheckpointStatus.Intact);
        for (var number = 0; number < 10; number++)
        {
            story.Report("a", new AttemptReport.CheckpointFailed { Checkpoint = FormattableString.Invariant($"e1/bad-{number}"), Reason = "it cannot be read" });
        }

        story["a"].Checkpoints.Count(record => record.Status == CheckpointStatus.Failed).ShouldBe(3);
        story.Lose("a")["a"].Live!.Restore.ShouldBe(["e1/step-00000100"]);
    }

    [Fact]
    public void What_failed_once_is_no_checkpoint_after_all_once_its_files_are_about_to_go()
    {
        var story = new Story(Stage).Run("a");
        story.Checkpoint("a", 50);
        story.Report("a", new AttemptReport.CheckpointFailed { Checkpoint = "e1/step-00000100", Reason = "it changed while it was read", Step = 100 });
        var doomed = story["a"].Checkpoints.Single(static record => record.Status == CheckpointStatus.Failed);
        var pruned = story.State with
        {
            Stages = story.State.Stages.SetItem(0, story["a"] with { Checkpoints = story["a"].Checkpoints.Remove(doomed) }),
            Deletions = [doomed with { Status = CheckpointStatus.Deleted }],
        };

        var after = SimulationMachine.Step(pruned, new SimulationInput.Reported(new AttemptReport.Checkpointed
        {
            Attempt = story.Attempt("a"), Sequence = 4, Node = new NodeId("n-1"), At = story.Now,
            Checkpoint = new() { Name = doomed.Name, Path = "runs/x/step-00000100", Step = 100, TakenAt = story.Now },
        }), story.Now, story.Policy);

        after.Stages[0].Checkpoints.ShouldHaveSingleItem().Name.ShouldBe("e1/step-00000050");
    }

    [Fact]
    public void One_that_cannot_be_read_on_a_node_is_told_and_tried_again_the_next_time()
    {
        var story = new Story(Stage).Run("a");
        var older = story.Checkpoint("a", 100);
        var newer = story.Checkpoint("a", 200);

        story.Lose("a").Grant("a", "n-2").Report("a", new AttemptReport.Started { Restored = older, Unreadable = [newer] });

        story["a"].Step.ShouldBe(100);
        story.Events.Single(happened => happened.Kind == EventKinds.CheckpointUnreadable).Text.ShouldContain($"checkpoint {newer} cannot be read on n-2");
        story["a"].Checkpoints.ShouldAllBe(record => IsRestorable(record));
        story.Lose("a", "n-2")["a"].Live!.Restore.ShouldBe([newer, older]);
    }

    [Fact]
    public void How_often_one_was_restored_and_when_is_known()
    {
        var story = new Story(Stage).Run("a");
        var only = story.Checkpoint("a", 100);
        story["a"].Checkpoints[0].RestoredAt.ShouldBeNull();

        story.Lose("a").After(TimeSpan.FromMinutes(1)).Run("a", "n-2").Lose("a", "n-2").After(TimeSpan.FromMinutes(1)).Run("a", "n-3");

        story["a"].Checkpoints[0].ShouldSatisfyAllConditions(record => record.Name.ShouldBe(only), record => record.Restores.ShouldBe(2), record => record.RestoredAt.ShouldBe(story.Now));
    }

    [Fact]
    public void One_that_is_wanted_at_a_time_is_asked_for_then_and_once()
    {
        var story = new Story(Stage).Run("a");
        story.Take(new SimulationInput.ScheduleCheckpoint(story.Now + TimeSpan.FromMinutes(15)));
        story.Take(new SimulationInput.ScheduleCheckpoint(story.Now + TimeSpan.FromMinutes(10)));
        story.Take(new SimulationInput.ScheduleCheckpoint(story.Now + TimeSpan.FromMinutes(10)));
        story.State.CheckpointsWanted.Length.ShouldBe(2);
        story.Order("a").ShouldBeNull();

        story.After(TimeSpan.FromMinutes(9)).Order("a").ShouldBeNull();
        SimulationMachine.Due(story.State, story.Policy)!.Value.ShouldBeLessThanOrEqualTo(story.Now + TimeSpan.FromMinutes(1));
        story.After(TimeSpan.FromMinutes(1));
        story.Order("a")!.Checkpoint.ShouldBe(1);
        story.SendOrder("a").After(TimeSpan.FromMinutes(5));

        story.Order("a")!.Checkpoint.ShouldBe(2);
        story.State.CheckpointsWanted.ShouldBeEmpty();
    }

    [Fact]
    public void One_that_is_wanted_for_a_time_that_has_passed_is_asked_for_now_and_too_many_are_refused()
    {
        var story = new Story(Stage).Run("a");

        story.Take(new SimulationInput.ScheduleCheckpoint(story.Now));
        for (var number = 1; number <= SimulationState.CheckpointsWantedMax; number++)
        {
            story.Take(new SimulationInput.ScheduleCheckpoint(story.Now + TimeSpan.FromMinutes(number)));
        }

        story.Order("a")!.Checkpoint.ShouldBe(1);
        SimulationMachine.Allows(story.State, new SimulationInput.ScheduleCheckpoint(story.Now + TimeSpan.FromDays(1))).ShouldBeFalse();
    }

    private static bool IsRestorable(CheckpointRecord record) => record.Status is CheckpointStatus.Intact or CheckpointStatus.Proven;

    private static void Stored(Story story, long step, string? noRoom) => story.Report("a", new AttemptReport.Checkpointed
    {
        Checkpoint = new() { Name = FormattableString.Invariant($"e1/step-{step}"), Path = "runs/x", Step = step, TakenAt = story.Now },
        NoRoom = noRoom,
    });
}
