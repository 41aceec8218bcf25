using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>From submission to the end: dependencies, attempts, losses, retries, orders.</summary>
public sealed class LifeTests
{
    [Fact]
    public void What_a_gang_used_counts_the_time_of_all_its_nodes_also_where_they_were_lost()
    {
        var told = new Story(Make.Stage("a")).Run("a", "n-1", "n-2", "n-3", "n-4");
        told.Report("a", new AttemptReport.Exited { ExitStatus = 1, Use = new() { WallTime = TimeSpan.FromHours(1), CoreTime = TimeSpan.FromHours(8) } });
        var lost = new Story(Make.Stage("a")).Run("a", "n-1", "n-2").After(TimeSpan.FromMinutes(30)).Lose("a");

        told["a"].Use.NodeTime.ShouldBe(TimeSpan.FromHours(4));
        lost["a"].Use.NodeTime.ShouldBe(2 * lost["a"].Use.WallTime);
        lost["a"].Use.WallTime.ShouldBe(TimeSpan.FromMinutes(30));
    }

    [Fact]
    public void A_part_of_a_GPU_that_was_lost_counts_as_a_part()
    {
        var story = new Story(Make.Stage("a"));
        story.Take(new SimulationInput.LeaseSeen(new() { Attempt = story.Attempt("a"), State = LeaseState.Granted, Since = story.Now, Shares = [.. Make.Shares("n-1").Select(static share => share with { Gpus = [0], GpuThousandths = 250 })] }));
        story.Start("a").After(TimeSpan.FromHours(2)).Lose("a");

        story["a"].Use.GpuTime.ShouldBe(TimeSpan.FromMinutes(30));
    }

    [Fact]
    public void A_stage_runs_publishes_and_lets_the_next_one_start()
    {
        var story = new Story(Make.Stage("spin-up"), Make.Stage("coupled", Make.On("spin-up")));

        story.State.Status.ShouldBe(SimulationStatus.Pending);
        story.Request("spin-up").Attempt.ShouldBe(new(story.Definition.Id, "spin-up", 1));
        story["coupled"].Status.ShouldBe(StageStatus.Waiting);
        story.Run("spin-up").Progress("spin-up", 0.5, 10);
        story.State.Status.ShouldBe(SimulationStatus.Running);
        story.Exit("spin-up").Instruction.ShouldBe(ReportInstruction.Publish);
        story["spin-up"].Status.ShouldBe(StageStatus.Publishing);
        story.Publish("spin-up", "restart.nc");
        story["spin-up"].Status.ShouldBe(StageStatus.Completed);
        story.Released.ShouldBe([new AttemptId(story.Definition.Id, "spin-up", 1)]);
        story.Complete("coupled");

        story.State.Status.ShouldBe(SimulationStatus.Completed);
        story.State.Reason.ShouldBe("all stages completed");
        story.Events.Select(occurrence => occurrence.Sequence).ShouldBe(Enumerable.Range(1, story.Events.Count).Select(number => (long)number));
        story.Events.Where(occurrence => occurrence.Stage == "spin-up").Select(occurrence => occurrence.Kind).ShouldBe(
        [
            EventKinds.StageQueued, EventKinds.StageGranted, EventKinds.StageStarted, EventKinds.StageProgressed, EventKinds.AttemptEnded, EventKinds.StageCompleted,
        ]);
        story.Owed.ShouldBeEmpty();
        SimulationMachine.Due(story.State).ShouldBeNull();
    }

    [Fact]
    public void A_submission_that_comes_again_changes_nothing_and_another_definition_is_illegal()
    {
        var story = new Story(Make.Stage("a"));
        var state = story.State;

        story.Take(new SimulationInput.Submit(Make.Simulation(Make.Stage("a")), 3)).ShouldBeSameAs(state);

        Should.Throw<InvalidTransitionException>(() => story.Take(new SimulationInput.Submit(Make.Simulation(Make.Stage("b")), 0)));
    }

    [Fact]
    public void A_lost_node_costs_an_epoch_and_no_retry_and_the_stage_restores_its_newest_checkpoint()
    {
        var story = new Story(Make.Stage("a")).Run("a", "n-3").Progress("a", 0.4, 1600);
        var checkpoint = story.Checkpoint("a", 1600, 0.4);
        story.Progress("a", 0.45, 1800);

        story.Lose("a", "n-3", noticedAfter: TimeSpan.FromSeconds(2.1));

        story["a"].Status.ShouldBe(StageStatus.Queued);
        story["a"].Epoch.ShouldBe(2);
        story["a"].RetriesUsed.ShouldBe(0);
        var ended = story.Events.Last(occurrence => occurrence.Kind == EventKinds.AttemptEnded);
        ended.End.ShouldBe("nodeLost");
        ended.Text.ShouldBe("a: n-3 was lost, noticed after 2.1 s, at step 1,800");
        ended.NoticedAfter.ShouldBe(TimeSpan.FromSeconds(2.1));
        story.Run("a", "n-1");
        var started = story.Events.Last(occurrence => occurrence.Kind == EventKinds.StageStarted);
        started.Text.ShouldBe("a restored step 1,600 on n-1; 200 steps again");
        started.Checkpoint.ShouldBe(checkpoint);
        started.StepsAgain.ShouldBe(200);
        story["a"].StepsAgain.ShouldBe(200);
        story["a"].Step.ShouldBe(1600);
    }

    [Fact]
    public void A_report_of_an_older_epoch_is_recorded_once_and_changes_nothing()
    {
        var story = new Story(Make.Stage("a")).Run("a").Progress("a", 0.1, 100);
        var old = story.Attempt("a");
        story.Lose("a").Run("a", "n-2");
        var stage = story["a"];

        var reply = story.Say(new AttemptReport.Exited { Attempt = old, Node = new NodeId("n-1"), Sequence = 3, ExitStatus = 0 });
        story.Say(new AttemptReport.Exited { Attempt = old, Node = new NodeId("n-1"), Sequence = 4, ExitStatus = 0 }).ShouldBe(reply);

        reply.ShouldBe(new() { Verdict = ReportVerdict.Stale, Instruction = ReportInstruction.Discard });
        (story["a"] with { StaleEpochs = stage.StaleEpochs }).ShouldBe(stage);
        story.Events.Count(occurrence => occurrence.Kind == EventKinds.ReportStale).ShouldBe(1);
    }

    [Fact]
    public void A_repeated_report_gets_the_same_answer_and_an_early_one_is_asked_for_in_order()
    {
        var story = new Story(Make.Stage("a")).Run("a");
        var exited = new AttemptReport.Exited { Attempt = story.Attempt("a"), Node = new NodeId("n-1"), Sequence = 2, ExitStatus = 0 };
        story.Say(exited).ShouldBe(new() { Verdict = ReportVerdict.Accepted, Instruction = ReportInstruction.Publish });
        var state = story.State;

        story.Say(exited).ShouldBe(new() { Verdict = ReportVerdict.Repeated, Instruction = ReportInstruction.Publish });
        story.Say(new AttemptReport.Published { Attempt = exited.Attempt, Node = exited.Node, Sequence = 4 }).Verdict.ShouldBe(ReportVerdict.OutOfOrder);
        story.State.ShouldBeSameAs(state);

        var published = new AttemptReport.Published { Attempt = exited.Attempt, Node = exited.Node, Sequence = 3 };
        story.Say(published).ShouldBe(new() { Verdict = ReportVerdict.Accepted, Instruction = ReportInstruction.None });
        story.Say(published).ShouldBe(new() { Verdict = ReportVerdict.Repeated, Instruction = ReportInstruction.None });
    }

    [Fact]
    public void A_failure_is_tried_again_after_a_wait_that_doubles_until_the_retries_are_used()
    {
        var retry = new RetryPolicy { RetriesMax = 2, BackoffFirst = TimeSpan.FromSeconds(10), BackoffMax = TimeSpan.FromSeconds(15) };
        var story = new Story(Make.Stage("a") with { Retry = retry }, Make.Stage("b", Make.On("a")), Make.Stage("cleanup", Make.On("a", DependencyCondition.End)));
        story.Run("a");
        story.Exit("a", 3);

        story["a"].Status.ShouldBe(StageStatus.Backoff);
        SimulationMachine.Due(story.State).ShouldBe(story["a"].BackoffUntil);
        story.Wait("a").ShouldBeInRange(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));
        story.WhenDue().Run("a");
        story.Exit("a", 4);
        story.Wait("a").ShouldBeInRange(TimeSpan.FromSeconds(7.5), TimeSpan.FromSeconds(15));
        story.WhenDue().Run("a");
        story.Exit("a", 5);

        story["a"].Status.ShouldBe(StageStatus.Failed);
        story.State.Reason.ShouldBe("stage a failed: exit status 5, after 2 retries; what does not depend on it runs to its end");
        story["b"].Status.ShouldBe(StageStatus.Skipped);
        story["b"].Reason.ShouldBe("a failed");
        story.Complete("cleanup");
        story.State.Status.ShouldBe(SimulationStatus.Failed);
        story.State.Reason.ShouldBe("stage a failed: exit status 5, after 2 retries");
    }

    [Fact]
    public void A_soft_failure_fails_neither_the_simulation_nor_what_waits_for_its_end()
    {
        var story = new Story(
            Make.Stage("a") with { OnExit = System.Collections.Immutable.ImmutableSortedDictionary<int, ExitMeaning>.Empty.Add(7, ExitMeaning.SoftFail) },
            Make.Stage("b", Make.On("a")),
            Make.Stage("c", Make.On("a", DependencyCondition.Failure)),
            Make.Stage("d", Make.On("b")));
        story.Run("a");
        story.Exit("a", 7);

        story["a"].Status.ShouldBe(StageStatus.SoftFailed);
        story["b"].Status.ShouldBe(StageStatus.Skipped);
        story["d"].Status.ShouldBe(StageStatus.Skipped);
        story.Complete("c");
        story.State.Status.ShouldBe(SimulationStatus.Completed);
        story.State.Reason.ShouldBe("ended; a failed softly, b was skipped, d was skipped");
    }

    [Fact]
    public void A_stage_may_start_when_another_has_come_far_enough()
    {
        var story = new Story(Make.Stage("a"), Make.Stage("b", Make.On("a", DependencyCondition.Progress, 0.5))).Run("a").Progress("a", 0.49, 49);

        story["b"].Status.ShouldBe(StageStatus.Waiting);
        SimulationMachine.Explain(story.State, 1).ShouldBe("waits for a to reach 50 %");
        story.Progress("a", 0.5, 50);

        story["b"].Status.ShouldBe(StageStatus.Queued);
        story.Lose("a");
        story["b"].Status.ShouldBe(StageStatus.Queued);
    }

    [Fact]
    public void Cancelling_asks_what_runs_to_leave_and_takes_its_nodes_when_it_does_not()
    {
        var story = new Story(Make.Stage("a"), Make.Stage("b"), Make.Stage("c", Make.On("a")));
        story.Run("a");
        story.Take(new SimulationInput.Cancel("wrong forcing", "ada"));

        story.State.Status.ShouldBe(SimulationStatus.Cancelling);
        story["b"].Status.ShouldBe(StageStatus.Cancelled);
        story["c"].Status.ShouldBe(StageStatus.Cancelled);
        story.Order("a").ShouldBe(new() { Attempt = story.Attempt("a"), StopBy = story.Now + TimeSpan.FromSeconds(30), Reason = StopReason.Cancel });
        story.SendOrder("a").Order("a").ShouldBeNull();
        story.After(TimeSpan.FromSeconds(30)).State.Status.ShouldBe(SimulationStatus.Cancelling);
        story.After(TimeSpan.FromSeconds(30));

        story.State.Status.ShouldBe(SimulationStatus.Cancelled);
        story.State.Reason.ShouldBe("cancelled by order of ada: wrong forcing");
        story["a"].Recent.Single().End.ShouldBe(AttemptEnd.Cancelled);
        story.Released.Count.ShouldBe(2);
    }

    [Fact]
    public void A_paused_simulation_goes_on_from_the_checkpoint_that_it_left_with()
    {
        var story = new Story(Make.Stage("a"), Make.Stage("b", Make.On("a"))).Run("a").Progress("a", 0.5, 50);
        story.Take(new SimulationInput.Pause(null));

        story.State.Status.ShouldBe(SimulationStatus.Pausing);
        story.SendOrder("a");
        var name = story.Checkpoint("a", 55);
        story.Exit("a", 0, StopReason.Pause, progress: 0.55).Instruction.ShouldBe(ReportInstruction.None);

        story["a"].Status.ShouldBe(StageStatus.Paused);
        story["a"].Recent.Single().End.ShouldBe(AttemptEnd.Paused);
        story.State.Status.ShouldBe(SimulationStatus.Paused);
        story.Owed.ShouldBeEmpty();
        story.Take(new SimulationInput.Resume(null));
        story.State.Status.ShouldBe(SimulationStatus.Running);
        story["a"].Live!.Restore.ShouldBe([name]);
        story.Complete("a").Complete("b").State.Status.ShouldBe(SimulationStatus.Completed);
    }

    [Fact]
    public void What_steering_paused_a_person_may_take_over_and_resume_and_what_a_person_paused_steering_leaves_alone()
    {
        var (one, other) = (new ScenarioId("o-one"), new ScenarioId("o-other"));
        var story = new Story(Make.Stage("a"));
        story.Take(new SimulationInput.Pause("at 4 %", one));
        story.Events.Where(static happened => happened.Kind is EventKinds.SimulationPausing or EventKinds.SimulationPaused).ShouldAllBe(happened => happened.SteeredBy == one);

        story.Take(new SimulationInput.Resume("it goes on", other));
        story.State.Status.ShouldBe(SimulationStatus.Paused, "another set did not pause it");
        story.Take(new SimulationInput.Pause("maintenance"));
        story.State.PausedBy.ShouldBeNull();
        story.Events[^1].ShouldSatisfyAllConditions(static happened => happened.Kind.ShouldBe(EventKinds.SimulationPaused), static happened => happened.SteeredBy.ShouldBeNull());

        var before = story.State.Version;
        story.Take(new SimulationInput.Pause("maintenance"));
        story.Take(new SimulationInput.Pause("again", one));
        story.Take(new SimulationInput.Resume("it goes on", one));
        story.State.Version.ShouldBe(before);
        story.Take(new SimulationInput.Resume(null));
        story.State.Status.ShouldBe(SimulationStatus.Pending);

        story.Take(new SimulationInput.Pause("at 4 %", one));
        story.Take(new SimulationInput.Resume("it goes on", one));
        story.State.Status.ShouldBe(SimulationStatus.Pending);
        story.Events.Last(static happened => happened.Kind == EventKinds.SimulationResumed).SteeredBy.ShouldBe(one);
    }

    [Fact]
    public void What_is_queued_leaves_the_queue_when_it_is_paused()
    {
        var story = new Story(Make.Stage("a"));
        story.Take(new SimulationInput.Pause("maintenance"));

        story.State.Status.ShouldBe(SimulationStatus.Paused);
        story.Released.ShouldBe([new AttemptId(story.Definition.Id, "a", 1)]);
        story["a"].Recent.Single().End.ShouldBe(AttemptEnd.Withdrawn);
        story.Take(new SimulationInput.Resume(null));
        story.State.Status.ShouldBe(SimulationStatus.Pending);
        story.Request("a").Attempt.Epoch.ShouldBe(2);
    }

    [Fact]
    public void A_completed_program_whose_agent_is_lost_is_only_published_by_the_next_one()
    {
        var story = new Story(Make.Stage("a") with { Resources = new() { Nodes = 4 } }).Run("a", "n-1", "n-2", "n-3", "n-4");
        story.Exit("a").Instruction.ShouldBe(ReportInstruction.Publish);
        story.Lose("a");

        story.Request("a").Resources.Nodes.ShouldBe(1);
        story.Grant("a", "n-5");
        story["a"].Status.ShouldBe(StageStatus.Publishing);
        SimulationMachine.Launch(story.State, story.Attempt("a"), new("n-5"), out _)!.PublishOnlyEpoch.ShouldBe(1);
        story.Lose("a", "n-5").Grant("a", "n-6");
        SimulationMachine.Launch(story.State, story.Attempt("a"), new("n-6"), out _)!.PublishOnlyEpoch.ShouldBe(1);
        story.Publish("a", "history.nc");

        story.State.Status.ShouldBe(SimulationStatus.Completed);
        story["a"].RetriesUsed.ShouldBe(0);
    }

    [Fact]
    public void Outputs_that_are_gone_when_they_are_to_be_published_cost_a_retry_and_a_run()
    {
        var story = new Story(Make.Stage("a")).Run("a");
        story.Exit("a");
        story.Lose("a").Grant("a", "n-5");

        story.Report("a", new AttemptReport.LaunchRefused { Reason = "runs/x is not there" });

        story["a"].Status.ShouldBe(StageStatus.Backoff);
        story.WhenDue().Grant("a");
        SimulationMachine.Launch(story.State, story.Attempt("a"), new("n-1"), out _)!.PublishOnlyEpoch.ShouldBe(0);
    }

    [Fact]
    public void Outputs_that_vanish_before_they_are_published_cost_a_retry_and_a_run()
    {
        var story = new Story(Make.Stage("a")).Run("a");
        story.Exit("a").Instruction.ShouldBe(ReportInstruction.Publish);

        story.Report("a", new AttemptReport.LaunchRefused { Reason = "history.nc is not there" });

        story["a"].Status.ShouldBe(StageStatus.Backoff);
        story["a"].Reason.ShouldBe("history.nc is not there; retry 1 of 3");
        story.WhenDue().Complete("a").State.Status.ShouldBe(SimulationStatus.Completed);
    }

    [Fact]
    public void A_program_that_wants_to_be_continued_is_at_once_unless_it_gets_nowhere()
    {
        var story = new Story(Make.Stage("a")).Run("a").Progress("a", 0.1, 1);
        story.Exit("a", 85);
        story["a"].Status.ShouldBe(StageStatus.Queued);
        for (var time = 1; time < StageState.FruitlessEndsMax; time++)
        {
            story.Run("a").Exit("a", 85);
            story["a"].Status.ShouldBe(StageStatus.Queued);
        }

        story.Run("a").Exit("a", 85);
        story["a"].Reason.ShouldBe("left with a checkpoint; 3 times without having got further");
        story.Wait("a").ShouldBeInRange(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));
        story.WhenDue().Run("a").Exit("a", 85);
        story.Wait("a").ShouldBeInRange(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20));
        story.WhenDue().Run("a").Progress("a", 0.2, 2).Exit("a", 85);

        story["a"].Status.ShouldBe(StageStatus.Queued);
        story["a"].RetriesUsed.ShouldBe(0);
    }

    [Fact]
    public void A_stage_that_writes_shared_paths_waits_until_the_old_attempt_was_seen_dead()
    {
        var story = new Story(Make.Stage("a") with { WritesSharedPaths = true }).Run("a");
        var old = story.Attempt("a");
        story.Lose("a", seenDead: false);

        story["a"].Status.ShouldBe(StageStatus.Backoff);
        story["a"].Epoch.ShouldBe(1);
        story.Released.ShouldBeEmpty();
        story.WhenDue().Owed.OfType<SimulationEffect.ReadLease>().Single().Attempt.ShouldBe(old);
        story.Take(new SimulationInput.LeaseSeen(new() { Attempt = old, State = LeaseState.Lost }));
        story["a"].Status.ShouldBe(StageStatus.Backoff);
        story.Take(new SimulationInput.LeaseSeen(new() { Attempt = old, State = LeaseState.Lost, SeenDead = true }));

        story["a"].Epoch.ShouldBe(2);
        story.Released.ShouldBe([old]);
    }

    [Fact]
    public void A_stage_that_writes_shared_paths_waits_after_a_stall_until_nothing_of_it_runs()
    {
        var story = new Story(Make.Stage("a") with { WritesSharedPaths = true, StallAfter = TimeSpan.FromMinutes(10) }).Run("a").Progress("a", 0.1, 10);
        var old = story.Attempt("a");
        story.After(TimeSpan.FromMinutes(10)).Take(new SimulationInput.Tick());

        story.Released.ShouldBe([old]);
        story.Owed.OfType<SimulationEffect.ReadLease>().Single().Attempt.ShouldBe(old);
        story.Take(new SimulationInput.LeaseSeen(new() { Attempt = old, State = LeaseState.Unknown, MayRun = true }));
        story.WhenDue().WhenDue();
        story["a"].Status.ShouldBe(StageStatus.Backoff);
        story["a"].Epoch.ShouldBe(1);
        story.Take(new SimulationInput.LeaseSeen(new() { Attempt = old, State = LeaseState.Unknown }));

        story["a"].Epoch.ShouldBe(2);
        story.Released.ShouldBe([old]);
    }

    [Fact]
    public void A_stage_that_writes_shared_paths_waits_for_the_other_nodes_of_its_gang()
    {
        var story = new Story(Make.Stage("a") with { WritesSharedPaths = true }).Run("a", "n-1", "n-2");
        var old = story.Attempt("a");
        story.Exit("a", 85);

        story["a"].Status.ShouldBe(StageStatus.Backoff);
        story.Take(new SimulationInput.LeaseSeen(new() { Attempt = old, State = LeaseState.Unknown }));

        story["a"].Epoch.ShouldBe(2);
    }

    [Fact]
    public void A_program_that_leaves_again_and_again_at_the_same_step_without_a_checkpoint_is_given_up()
    {
        var story = new Story(Make.Stage("a"));
        for (var time = 0; time <= StageState.FruitlessEndsHopeless; time++)
        {
            story["a"].IsFinal.ShouldBeFalse();
            story.Run("a").Progress("a", 0.1, 10).After(TimeSpan.FromMinutes(5)).Exit("a", 85);
            if (story["a"].Status == StageStatus.Backoff)
            {
                story.WhenDue();
            }
        }

        story["a"].Status.ShouldBe(StageStatus.Failed);
        story.State.Reason.ShouldNotBeNull().ShouldContain("10 times without having got further");
        story["a"].RetriesUsed.ShouldBe(0);
    }

    [Fact]
    public void An_operator_may_answer_for_it_that_the_old_attempt_is_dead_and_resuming_does_not_say_so()
    {
        var story = new Story(Make.Stage("a") with { WritesSharedPaths = true }).Run("a").Lose("a", seenDead: false);

        story.Take(new SimulationInput.Resume("it seems to hang"));
        story["a"].Epoch.ShouldBe(1);
        story.Take(new SimulationInput.DeclareDead("node-1 was pulled out of its rack"));

        story["a"].Epoch.ShouldBe(2);
        story["a"].Status.ShouldBe(StageStatus.Queued);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void That_an_attempt_is_dead_is_told_to_its_cluster_though_its_lease_was_given_back_before(bool isCancelled)
    {
        var story = new Story(Make.Stage("a") with { WritesSharedPaths = true }).Run("a").Lose("a", seenDead: false);
        if (isCancelled)
        {
            story.Take(new SimulationInput.Cancel(null));
            story.State.IsFinal.ShouldBeTrue();
        }

        var declared = SimulationMachine.Step(story.State, new SimulationInput.DeclareDead("node-1 was pulled out of its rack"), story.Now);

        var release = SimulationMachine.Owed(declared).OfType<SimulationEffect.ReleaseLease>().ShouldHaveSingleItem();
        release.Ending.ShouldNotBeNull().Dead.ShouldBeTrue();
        SimulationMachine.Step(declared, new SimulationInput.Released(release.Attempt), story.Now).ShouldBeSameAs(declared, "it was given back without it");
        var told = SimulationMachine.Step(declared, release.Done, story.Now);
        told.Releases.ShouldBeEmpty();
        told.DeclaredDead.ShouldBeEmpty();
        told.Stages[0].AwaitsDeath.ShouldBeNull();
    }

    [Fact]
    public void Files_that_a_program_calls_usable_are_shown_each_with_its_newest_quality_until_another_attempt_starts()
    {
        var story = new Story(Make.Stage("a")).Run("a");

        story.Report("a", new AttemptReport.Progressed { Artifacts = [new() { Path = "map.nc", Quality = 0.2 }, new() { Path = "log.txt" }] });
        story.Report("a", new AttemptReport.Progressed { Artifacts = [new() { Path = "map.nc", Quality = 0.9 }] });

        story["a"].Artifacts.Select(static artifact => (artifact.Path, artifact.Quality)).ShouldBe([("log.txt", 1.0), ("map.nc", 0.9)]);
        story.Lose("a", seenDead: true).Run("a");
        story["a"].Artifacts.ShouldBeEmpty();
    }

    [Fact]
    public void A_node_that_cannot_launch_is_avoided_unless_no_other_is_left()
    {
        var story = new Story(Make.Stage("a")).Grant("a", "n-1");
        story.Report("a", new AttemptReport.LaunchRefused { Reason = "no such command: mpirun", NodeAtFault = true });

        story["a"].Reason.ShouldBe("n-1 could not launch it: no such command: mpirun; its node could not launch it: waits, and goes on, on other nodes");
        story.WhenDue().Request("a").Avoid.ShouldBe([new NodeId("n-1")]);
        story.Take(new SimulationInput.LeaseSeen(new()
        {
            Attempt = story.Attempt("a"),
            State = LeaseState.Queued,
            Reason = new() { Constraint = PlacementConstraint.NotAvoided, NodesNeeded = 1 },
        }));

        story.Request("a").Avoid.ShouldBeEmpty();
        story.Request("a").Attempt.Epoch.ShouldBe(3);
    }

    [Fact]
    public void A_cluster_that_lost_a_request_is_asked_again()
    {
        var story = new Story(Make.Stage("a"));
        story.Take(new SimulationInput.LeaseSeen(new() { Attempt = story.Attempt("a"), State = LeaseState.Queued, Ahead = 2 }));
        story.Owed.ShouldBeEmpty();
        SimulationMachine.Explain(story.State, 0).ShouldBe("in the queue behind 2");

        story.Take(new SimulationInput.Nudged());
        story.Owed.Single().ShouldBeOfType<SimulationEffect.ReadLease>();
        story.Take(new SimulationInput.LeaseSeen(new() { Attempt = story.Attempt("a"), State = LeaseState.Unknown }));

        story.Request("a").Attempt.Epoch.ShouldBe(1);
    }

    [Fact]
    public void Segments_end_at_the_walltime_or_the_end_of_the_allocation_and_use_no_retry()
    {
        var story = new Story(Make.Stage("a") with { Walltime = TimeSpan.FromHours(2) });
        story.Take(new SimulationInput.LeaseSeen(new()
        {
            Attempt = story.Attempt("a"),
            State = LeaseState.Granted,
            Shares = Make.Shares("n-1"),
            AllocationEnd = story.Now + TimeSpan.FromHours(1),
        }));
        SimulationMachine.Launch(story.State, story.Attempt("a"), new("n-1"), out _)!.EndTime.ShouldBe(story.Now + TimeSpan.FromHours(1));

        story.Start("a").Exit("a", 143, StopReason.Walltime);

        story["a"].Status.ShouldBe(StageStatus.Queued);
        story["a"].RetriesUsed.ShouldBe(0);
        story["a"].Recent.Single().End.ShouldBe(AttemptEnd.Walltime);
    }

    [Fact]
    public void A_walltime_that_leaves_no_time_to_work_does_not_start_it_again_and_again_at_once()
    {
        var story = new Story(Make.Stage("a") with { Walltime = TimeSpan.FromSeconds(10) });
        for (var time = 1; time < StageState.FruitlessEndsMax; time++)
        {
            story.Run("a").Exit("a", 143, StopReason.Walltime);
            story["a"].Status.ShouldBe(StageStatus.Queued);
        }

        story.Run("a").Exit("a", 143, StopReason.Walltime);

        story["a"].Status.ShouldBe(StageStatus.Backoff);
        story["a"].RetriesUsed.ShouldBe(0);
        story["a"].Reason.ShouldNotBeNull().ShouldContain("3 times without having got further");
    }

    [Fact]
    public void Launches_are_for_the_lead_of_the_newest_epoch_that_holds_its_nodes()
    {
        var story = new Story(Make.Stage("a"));
        SimulationMachine.Launch(story.State, story.Attempt("a"), new("n-1"), out var refusal).ShouldBeNull();
        refusal.ShouldBe("s-1/a@1 does not hold its nodes");
        story.Grant("a", "n-1", "n-2");
        SimulationMachine.Launch(story.State, story.Attempt("a"), new("n-2"), out refusal).ShouldBeNull();
        refusal.ShouldBe("n-1 leads s-1/a@1, not n-2");
        var launch = SimulationMachine.Launch(story.State, story.Attempt("a"), new("n-1"), out _).ShouldNotBeNull();
        launch.Shares.Length.ShouldBe(2);
        story.Lose("a");

        SimulationMachine.Launch(story.State, launch.Attempt, new("n-1"), out refusal).ShouldBeNull();
        refusal.ShouldBe("s-1/a@1 is over; the newest epoch of the stage is 2");
    }

    [Fact]
    public void The_baseline_and_every_estimate_after_it_are_kept()
    {
        var story = new Story(Make.Stage("a") with { EstimatedDuration = TimeSpan.FromHours(1) }).Run("a");
        story.After(TimeSpan.FromMinutes(30)).Progress("a", 0.5, 1).After(TimeSpan.FromMinutes(30)).Progress("a", 0.6, 2);
        story.Exit("a");
        story.Publish("a");

        var estimates = story.History.Where(row => row.Estimate is not null).Select(row => row.Estimate!).ToArray();
        estimates.Select(estimate => estimate.Duration).ShouldBe([TimeSpan.FromHours(1), TimeSpan.FromMinutes(100), TimeSpan.FromHours(1)]);
        estimates.ShouldAllBe(estimate => estimate.Baseline == TimeSpan.FromHours(1));
        story.State.BaselineEnd.ShouldBe(Story.Beginning + TimeSpan.FromHours(1));
    }
}
