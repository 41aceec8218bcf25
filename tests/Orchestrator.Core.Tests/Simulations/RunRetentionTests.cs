using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>Which files of attempts that are over are removed, and when.</summary>
public sealed class RunRetentionTests
{
    private static readonly StageDefinition Stage = Make.Stage("a") with { Outputs = ["history.nc"], Retry = new() { RetriesMax = 10 } };

    /// <summary>Who ran so long did something that is worth a node.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    [Fact]
    public void Half_written_checkpoints_of_a_lost_attempt_go_once_the_next_one_runs_and_its_run_directory_stays()
    {
        var story = new Story(Stage).Run("a");
        story.Checkpoint("a", 100);

        story.Lose("a").Grant("a");
        story.Cleared.ShouldBeEmpty();
        story.Start("a", "e1/step-00000100");

        story.Cleared.ShouldBe([Clearing(story, 1, RunFiles.Finished)]);
        story["a"].Runs.ShouldBe([new KeptRun { Epoch = 1, Files = RunFiles.Finished }]);
        story.Progress("a", 0.5, 150);
        story.Cleared.Count.ShouldBe(1);
    }

    [Fact]
    public void The_run_directories_of_old_attempts_go_once_a_newer_one_has_a_proven_checkpoint_and_the_last_two_stay()
    {
        var story = new Story(Stage);
        for (var epoch = 1; epoch <= 5; epoch++)
        {
            // Each goes on from what the one before it saved, and proves it so.
            story.Run("a").Progress("a", 0.1 * epoch, 100 * epoch).Checkpoint("a", 100 * epoch);
            story.Lose("a");
        }

        story.Cleared.Where(static one => one.Keep == RunFiles.Logs).Select(static one => one.Attempt.Epoch).ShouldBe([1, 2]);
        story["a"].Runs.Select(static run => (run.Epoch, run.Files)).ShouldBe([(1, RunFiles.Logs), (2, RunFiles.Logs), (3, RunFiles.Finished), (4, RunFiles.Finished), (5, RunFiles.All)]);
    }

    [Fact]
    public void Without_a_proven_checkpoint_of_a_newer_attempt_nothing_but_what_is_half_written_goes()
    {
        var story = new Story(Stage);
        for (var epoch = 1; epoch <= 6; epoch++)
        {
            story.Run("a").After(Long).Lose("a");
        }

        story.Cleared.ShouldAllBe(static one => one.Keep == RunFiles.Finished);
    }

    [Fact]
    public void Where_no_outputs_are_declared_all_run_directories_stay_unless_the_campaign_says_how_many()
    {
        Completed(Stage with { Outputs = [] }).Cleared.ShouldNotContain(static one => one.Keep == RunFiles.Logs);
        Completed(Stage with { Outputs = [], KeepRuns = 1 }).Cleared.Where(static one => one.Keep == RunFiles.Logs).Select(static one => one.Attempt.Epoch).ShouldBe([1, 2, 3]);
        Completed(Stage with { KeepRuns = -1 }).Cleared.ShouldNotContain(static one => one.Keep == RunFiles.Logs);
    }

    [Fact]
    public void A_complete_stage_keeps_the_last_two_and_logs_stay_longer()
    {
        var story = Completed(Stage with { KeepLogs = 3 });

        story["a"].Status.ShouldBe(StageStatus.Completed);
        story["a"].Runs.Select(static run => (run.Epoch, run.Files)).ShouldBe([(2, RunFiles.Logs), (3, RunFiles.Finished), (4, RunFiles.Finished)]);
        story.Cleared.ShouldContain(Clearing(story, 1, RunFiles.Traces));
    }

    [Fact]
    public void What_may_still_run_somewhere_is_left_alone_until_the_cluster_says_that_it_is_gone()
    {
        var story = new Story(Stage with { KeepRuns = 0 }) { IsGone = static attempt => attempt.Epoch != 1 };
        story.Run("a").Progress("a", 0.1, 100).Checkpoint("a", 100);
        story.Lose("a", seenDead: false).Run("a").Progress("a", 0.2, 200).Checkpoint("a", 200);
        story.Lose("a").Run("a").Progress("a", 0.3, 300);

        story.Cleared.ShouldNotContain(static one => one.Attempt.Epoch == 1);
        story["a"].Runs[0].ShouldBe(new KeptRun { Epoch = 1, Files = RunFiles.All });
        story.State.Clearings.ShouldBeEmpty();

        story.IsGone = static _ => true;
        story.Checkpoint("a", 300);
        story.Lose("a").Run("a").Progress("a", 0.4, 400);
        story.Cleared.ShouldContain(Clearing(story, 1, RunFiles.Logs));
    }

    [Fact]
    public void Nothing_goes_of_an_attempt_whose_outputs_are_still_to_be_published()
    {
        var story = new Story(Stage with { KeepRuns = 0 }).Run("a");
        story.Exit("a");
        story.Lose("a");

        story["a"].PublishOnlyEpoch.ShouldBe(1);
        story.Grant("a").Take(new SimulationInput.CleanRuns("a", All: true));
        story.Cleared.ShouldBeEmpty();

        story.Publish("a", "history.nc");
        story.Cleared.ShouldBe([Clearing(story, 1, RunFiles.Logs)]);
    }

    [Fact]
    public void Files_that_are_appended_to_stay_as_long_as_a_checkpoint_that_may_be_restored_goes_on_with_them()
    {
        var story = new Story(Stage with { Appends = ["history.nc"], KeepRuns = 0, Checkpoint = Stage.Checkpoint with { KeepRecent = 3 } });
        for (var epoch = 1; epoch <= 3; epoch++)
        {
            story.Run("a").Progress("a", 0.1 * epoch, 100 * epoch).Checkpoint("a", 100 * epoch);
            story.Lose("a");
        }

        story.Run("a").Progress("a", 0.4, 400);
        story.Cleared.ShouldNotContain(static one => one.Keep == RunFiles.Logs);
        SimulationMachine.HeldRuns(story.State, 0).Select(static held => held.Epoch).ShouldBe([1, 2, 3, 4]);

        // The fourth checkpoint prunes the first.
        story.Checkpoint("a", 400);
        story.Lose("a").Run("a").Progress("a", 0.5, 500);
        story.Cleared.Where(static one => one.Keep == RunFiles.Logs).Select(static one => one.Attempt.Epoch).ShouldBe([1]);
    }

    [Fact]
    public void By_hand_all_goes_but_the_newest_and_that_too_where_the_stage_has_ended_and_all_is_asked_for()
    {
        var story = new Story(Stage with { KeepRuns = -1 });
        story.Run("a").After(Long).Lose("a").Run("a").After(Long).Lose("a").Run("a");

        story.Take(new SimulationInput.CleanRuns(null, All: true));
        story.Cleared.Where(static one => one.Keep == RunFiles.Logs).Select(static one => one.Attempt.Epoch).ShouldBe([1, 2]);

        story.Exit("a");
        story.Publish("a", "history.nc").Take(new SimulationInput.CleanRuns(null, All: false));
        story.Cleared.ShouldNotContain(static one => one.Attempt.Epoch == 3 && one.Keep == RunFiles.Logs);
        SimulationMachine.HeldRuns(story.State, 0).ShouldHaveSingleItem().ShouldSatisfyAllConditions(static held => held.Epoch.ShouldBe(3), static held => held.IsNewest.ShouldBeTrue());

        story.Take(new SimulationInput.CleanRuns(null, All: true));
        story.Cleared[^1].ShouldBe(Clearing(story, 3, RunFiles.Logs));
    }

    [Fact]
    public void What_the_attempts_of_a_former_run_left_is_removed_by_the_same_rules_as_ever()
    {
        var story = Completed(Stage with { KeepRuns = 1 });

        story.Take(new SimulationInput.Steer(new() { Verb = StageVerb.Rerun, Stage = "a", By = "ana" }));
        story["a"].Runs.Select(static run => run.Epoch).ShouldBe([1, 2, 3, 4]);
        story.Run("a").After(Long);
        story.Cleared.ShouldNotContain(static one => one.Attempt.Epoch == 4 && one.Keep == RunFiles.Logs, "nothing is better yet");

        story.Exit("a");
        story.Publish("a", "history.nc");
        story.Cleared.ShouldContain(Clearing(story, 4, RunFiles.Logs));
        story.Cleared.ShouldNotContain(static one => one.Attempt.Epoch == 5 && one.Keep == RunFiles.Logs);
    }

    /// <summary>Three attempts that are lost, and a fourth that ends well.</summary>
    private static Story Completed(StageDefinition stage)
    {
        var story = new Story(stage).Run("a").After(Long).Lose("a").Run("a").After(Long).Lose("a").Run("a").After(Long).Lose("a").Run("a");
        story.Exit("a");
        return story.Publish("a", [.. stage.Outputs]);
    }

    private static RunClearing Clearing(Story story, int epoch, RunFiles keep) => new() { Attempt = new(story.Definition.Id, "a", epoch), Keep = keep };
}
