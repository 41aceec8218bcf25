using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Simulations;

public sealed class RecoveryTests
{
    [Fact]
    public void A_crash_is_one_failure_with_its_kind_and_place_and_is_resolved_when_the_stage_runs_again()
    {
        var story = new Story(Make.Stage("a")).Run("a").Progress("a", 0.5, 50);

        story.After(TimeSpan.FromMinutes(10)).Exit("a", status: null, signal: 11);
        var open = story["a"].Faults.ShouldHaveSingleItem();
        open.Kind.ShouldBe(FailureKind.ProcessCrash);
        open.Severity.ShouldBe(FailureSeverity.High);
        open.Stage.ShouldBe("a");
        open.Step.ShouldBe(50);
        open.IsResolved.ShouldBeFalse();
        open.WorkLost.ShouldBe(TimeSpan.FromMinutes(10));
        story.WhenDue().Run("a", "n-2");

        var resolved = story["a"].Faults.ShouldHaveSingleItem();
        resolved.Resolution.ShouldBe("Recovery with strategy restart: it runs on n-2");
        resolved.TimeToRepair!.Value.ShouldBeInRange(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));
        story["a"].Recovery.SuccessRate.ShouldBe(1);
        story.Events.Where(static e => e.Failure is not null).Select(static e => e.Kind).ShouldBe([EventKinds.FailureDetected, EventKinds.FailureRecovered]);
        story.History.Count(static row => row.Failure is { IsResolved: true }).ShouldBe(1);
    }

    [Fact]
    public void The_loss_of_a_node_is_a_failure_that_uses_no_retry_and_tells_how_long_it_took_to_notice()
    {
        var story = new Story(Make.Stage("a")).Run("a");
        story.After(TimeSpan.FromMinutes(5)).Checkpoint("a", 5);

        story.After(TimeSpan.FromMinutes(3)).Lose("a", seenDead: false, noticedAfter: TimeSpan.FromSeconds(12));
        var lost = story["a"].Faults.ShouldHaveSingleItem();

        lost.Kind.ShouldBe(FailureKind.NodeOffline);
        lost.Detection.ShouldBe(FailureDetection.Heartbeat);
        lost.Strategy.ShouldBe(RecoveryStrategy.Migrate);
        lost.TimeToDetect.ShouldBe(TimeSpan.FromSeconds(12));
        lost.WorkLost.ShouldBe(TimeSpan.FromMinutes(3) - TimeSpan.FromSeconds(12));
        story["a"].RetriesUsed.ShouldBe(0);
        story.Run("a", "n-2").Lose("a", "n-2");
        story["a"].Faults[^1].Strategy.ShouldBe(RecoveryStrategy.Restore);
    }

    [Fact]
    public void Ends_by_walltime_drain_preemption_and_pause_are_no_failures()
    {
        foreach (var reason in new[] { StopReason.Walltime, StopReason.Drain, StopReason.Preemption, StopReason.Maintenance })
        {
            var story = new Story(Make.Stage("a")).Run("a");
            story.Exit("a", status: null, signal: 15, asked: reason);

            story["a"].Faults.ShouldBeEmpty(reason.ToString());
            story["a"].RetriesUsed.ShouldBe(0);
        }
    }

    [Fact]
    public void Who_is_moved_leaves_its_nodes_out_however_it_ends_and_takes_them_again_only_where_no_others_would_do()
    {
        foreach (var end in new Action<Story>[]
        {
            static story => story.Exit("a", status: null, signal: 15, asked: StopReason.Preemption),
            static story => story.Exit("a", status: 1, asked: StopReason.Drain),
            static story => story.Lose("a"),
        })
        {
            var story = new Story(Make.Stage("a")).Run("a");
            story.Take(new SimulationInput.LeaseSeen(new()
            {
                Attempt = story.Attempt("a"), State = LeaseState.Granted, Since = story.Now, Shares = story["a"].Live!.Shares, Stop = StopReason.Preemption, StopFor = "an operator", Migrates = true,
            }));

            end(story);
            story.Request("a").Avoid.ShouldBe([new("n-1")]);

            story.Take(new SimulationInput.LeaseSeen(new()
            {
                Attempt = story.Attempt("a"), State = LeaseState.Queued, Reason = new() { Constraint = Core.Scheduling.PlacementConstraint.NotAvoided, NodesNeeded = 1 },
            }));
            story.Request("a").Avoid.ShouldBeEmpty();
            story["a"].Recent[^1].Reason.ShouldBe("no other nodes would do than those that it was moved off");
            story["a"].IsRefusedEverywhere.ShouldBeFalse("no node refused it");
        }
    }

    [Fact]
    public void Of_who_left_before_it_was_heard_why_that_is_asked_first()
    {
        var story = new Story(Make.Stage("a")).Run("a");
        var left = new AttemptReport.Exited { Attempt = story.Attempt("a"), Node = new("n-1"), Signal = 15, AskedToLeave = true, Asked = StopReason.Preemption };

        SimulationMachine.LeftUnheard(story.State, left).ShouldBeTrue();
        SimulationMachine.LeftUnheard(story.State, left with { Asked = StopReason.Pause }).ShouldBeFalse("its own simulation asked");
        SimulationMachine.LeftUnheard(story.State, left with { Attempt = new(story.Definition.Id, "a", 7) }).ShouldBeFalse("another epoch's");
        story.Take(new SimulationInput.LeaseSeen(new() { Attempt = story.Attempt("a"), State = LeaseState.Granted, Since = story.Now, Shares = story["a"].Live!.Shares, Stop = StopReason.Preemption, StopFor = "s-b/run@1" }));
        SimulationMachine.LeftUnheard(story.State, left).ShouldBeFalse("it was heard");
    }

    [Fact]
    public void A_program_that_ran_out_of_memory_asks_for_more_up_to_a_limit_and_then_as_submitted()
    {
        var story = new Story(Make.Stage("a") with { Resources = new() { MemoryPerNode = 1000 }, Recovery = new() { MemoryFactor = 2, MemoryMax = 3000 } });
        story.Run("a");

        Say(story, "std::bad_alloc");
        story["a"].Reason!.ShouldContain("GiB of memory on each node");
        story.WhenDue();
        story.Request("a").Resources.MemoryPerNode.ShouldBe(2000);
        story.Run("a");
        SimulationMachine.Launch(story.State, story.Attempt("a"), story["a"].Live!.Shares[0].Node, out _)!.Stage.Resources.MemoryPerNode.ShouldBe(2000);
        Say(story, "std::bad_alloc");
        story["a"].Faults[^1].Strategy.ShouldBe(RecoveryStrategy.Restart);
        story.WhenDue().Run("a");
        Say(story, "std::bad_alloc");
        story["a"].Faults[^1].Strategy.ShouldBe(RecoveryStrategy.Reconfigure);
        story.WhenDue().Request("a").Resources.MemoryPerNode.ShouldBe(3000);
        story.Take(new SimulationInput.LeaseSeen(new() { Attempt = story.Attempt("a"), State = Core.Clusters.LeaseState.Queued, Reason = new() { Constraint = Core.Scheduling.PlacementConstraint.Memory } }));
        story.Request("a").Resources.MemoryPerNode.ShouldBe(1000);
    }

    [Fact]
    public void A_changed_environment_is_tried_where_the_campaign_says_so()
    {
        var story = new Story(Make.Stage("a") with
        {
            Recovery = new()
            {
                Rules = [new() { Kind = FailureKind.ProcessCrash, Strategies = [RecoveryStrategy.Reconfigure] }],
                Environment = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("SAFE", "1"),
            },
        }).Run("a");

        story.Exit("a", 3);
        story["a"].Reason.ShouldBe("exit status 3; retry 1 of 3, with another environment");
        story.WhenDue().Grant("a");

        SimulationMachine.Launch(story.State, story.Attempt("a"), new("n-1"), out _)!.Stage.Environment["SAFE"].ShouldBe("1");
    }

    [Fact]
    public void A_failing_file_system_is_waited_for_on_other_nodes_and_uses_no_retry()
    {
        var story = new Story(Make.Stage("a")).Run("a");

        for (var i = 1; i <= 5; i++)
        {
            Say(story, "Stale file handle");
            story["a"].Status.ShouldBe(StageStatus.Backoff);
            story["a"].WaitsUsed.ShouldBe(i);
            story.WhenDue();
            if (i == 1)
            {
                story.Request("a").Avoid.ShouldBe([new("n-1")]);
            }

            story.Run("a");
        }

        story["a"].RetriesUsed.ShouldBe(0);
    }

    [Fact]
    public void What_is_waited_for_too_often_is_left_to_a_person_with_the_reason()
    {
        var story = new Story(Make.Stage("a") with { Recovery = new() { WaitsMax = 1 } }).Run("a");

        Say(story, "No space left on device");
        story["a"].Faults[^1].Strategy.ShouldBe(RecoveryStrategy.Ignore);
        story.WhenDue().Run("a");
        Say(story, "No space left on device");

        story["a"].Status.ShouldBe(StageStatus.Failed);
        story["a"].Reason.ShouldBe("exit status 1: No space left on device, after 1 tries that waited for its surroundings");
        story["a"].Faults[^1].Resolution!.ShouldStartWith("left to a person: ");
        story.Events.ShouldContain(static e => e.Kind == EventKinds.FailureAbandoned);
        story["a"].Recovery.SuccessRate.ShouldBe(0.5);
    }

    [Fact]
    public void Tries_are_counted_anew_once_a_checkpoint_lies_beyond_the_failure()
    {
        var story = new Story(Make.Stage("a")).Run("a").Progress("a", 0.1, 10);
        story.Exit("a", 3);
        story.WhenDue().Run("a").Progress("a", 0.1, 11);
        story["a"].RetriesUsed.ShouldBe(1);

        story.Checkpoint("a", 9);
        story["a"].RetriesUsed.ShouldBe(1);
        story.Checkpoint("a", 12);

        story["a"].RetriesUsed.ShouldBe(0);
    }

    [Fact]
    public void A_program_that_spins_is_restarted_from_its_last_proven_checkpoint_and_given_up_after_three()
    {
        var story = new Story(Make.Stage("a") with { StallAfter = TimeSpan.FromMinutes(10), Retry = new() { RetriesMax = 10 } }).Run("a").Progress("a", 0.1, 10);
        var proven = story.Checkpoint("a", 10);
        story.Report("a", new AttemptReport.Verified { Checkpoint = proven, Passed = true });
        story.Checkpoint("a", 20);
        story.Progress("a", 0.2, 20);

        story.After(TimeSpan.FromMinutes(10));
        for (var back = 0; back < 3; back++)
        {
            story["a"].Faults[^1].Kind.ShouldBe(FailureKind.Deadlock);
            story.WhenDue();
            story["a"].Live!.Restore.ShouldBe([proven]);
            story.Run("a");
            story.Progress("a", 0.2, 20).After(TimeSpan.FromMinutes(10));
        }

        story["a"].Status.ShouldBe(StageStatus.Failed);
        story["a"].Reason.ShouldBe("no progress for 10 min 00 s; the same at the same step after going back three times");
    }

    [Fact]
    public void A_stall_is_judged_by_how_often_the_program_got_further_before_and_later_while_it_writes()
    {
        var story = new Story(Make.Stage("a")).Run("a");
        for (var step = 1; step <= 6; step++)
        {
            story.After(TimeSpan.FromMinutes(5)).Progress("a", 0.01 * step, step);
        }

        story.After(TimeSpan.FromMinutes(90));
        story["a"].Status.ShouldBe(StageStatus.Running);
        story.Report("a", new AttemptReport.Progressed { Use = new() { BytesWritten = 5 } });
        story.After(TimeSpan.FromMinutes(90));
        story["a"].Status.ShouldBe(StageStatus.Running);
        story.After(TimeSpan.FromMinutes(30));

        story["a"].Status.ShouldBe(StageStatus.Backoff);
        story["a"].Faults[^1].Kind.ShouldBe(FailureKind.Deadlock);
    }

    [Fact]
    public void A_program_that_never_said_how_far_it_is_is_never_taken_for_stalled()
    {
        var story = new Story(Make.Stage("a")).Run("a");

        story.After(TimeSpan.FromDays(3));

        story["a"].Status.ShouldBe(StageStatus.Running);
        story["a"].Faults.ShouldBeEmpty();
    }

    [Fact]
    public void A_stall_that_is_to_be_ignored_is_noted_once_and_left_alone()
    {
        var story = new Story(Make.Stage("a") with
        {
            StallAfter = TimeSpan.FromMinutes(1),
            Recovery = new() { Rules = [new() { Kind = FailureKind.Deadlock, Strategies = [RecoveryStrategy.Ignore] }] },
        }).Run("a");

        story.After(TimeSpan.FromMinutes(2)).After(TimeSpan.FromMinutes(2));

        story["a"].Status.ShouldBe(StageStatus.Running);
        story["a"].Faults.ShouldHaveSingleItem().Resolution.ShouldBe("noted");
    }

    [Fact]
    public void A_stage_that_takes_many_times_its_estimate_is_one_timeout_that_is_noted_and_left_alone()
    {
        var story = new Story(Make.Stage("a") with { EstimatedDuration = TimeSpan.FromMinutes(10) }, Make.Stage("b") with { EstimatedDuration = TimeSpan.FromMinutes(100) }).Run("a").Run("b");
        story.After(TimeSpan.FromMinutes(5)).Progress("a", 0.1).Progress("b", 0.1);

        story.After(TimeSpan.FromMinutes(25)).After(TimeSpan.FromMinutes(20));

        story["a"].Faults.ShouldHaveSingleItem().Kind.ShouldBe(FailureKind.Timeout);
        story["a"].Status.ShouldBe(StageStatus.Running);
        story["b"].Faults.ShouldBeEmpty();
    }

    [Fact]
    public void A_time_limit_over_all_segments_ends_the_stage_with_the_reason()
    {
        var story = new Story(Make.Stage("a") with { Recovery = new() { TimeLimit = TimeSpan.FromHours(1) } }).Run("a");
        story.After(TimeSpan.FromMinutes(40)).Lose("a");
        story.Run("a");

        story.After(TimeSpan.FromMinutes(20));

        story["a"].Status.ShouldBe(StageStatus.Failed);
        story["a"].Reason.ShouldBe("it ran for 1 h 00 min in all, which is its limit");
    }

    [Fact]
    public void Storage_that_becomes_twenty_times_slower_raises_one_alarm_lengthens_the_interval_within_the_largest_loss_and_fails_nothing()
    {
        var story = new Story(Make.Stage("a") with { Checkpoint = new() { MaxLoss = TimeSpan.FromMinutes(55) } }).Run("a");
        for (var step = 1; step <= 4; step++)
        {
            story.After(TimeSpan.FromMinutes(10)).Checkpoint("a", step, cost: TimeSpan.FromSeconds(0.07));
        }

        var before = SimulationMachine.CheckpointPlan(story.State, 0, story.Policy).Interval!.Value;
        for (var step = 5; step <= 9; step++)
        {
            story.After(TimeSpan.FromMinutes(10)).Checkpoint("a", step, cost: TimeSpan.FromSeconds(1.4));
        }

        var after = SimulationMachine.CheckpointPlan(story.State, 0, story.Policy).Interval!.Value;
        after.ShouldBeGreaterThan(2 * before);
        after.ShouldBeLessThan(TimeSpan.FromMinutes(55));
        story.Events.Count(static e => e.Kind == EventKinds.StorageSlow).ShouldBe(1);
        story["a"].Faults.ShouldBeEmpty();
        story.After(TimeSpan.FromMinutes(10)).Checkpoint("a", 10, cost: TimeSpan.FromSeconds(0.07));
        story.Events.Count(static e => e.Kind == EventKinds.StorageWell).ShouldBe(1);
    }

    [Fact]
    public void Strategies_that_go_back_further_do_so()
    {
        var rules = new RecoveryPolicy { Rules = [new() { Kind = FailureKind.ProcessCrash, Strategies = [RecoveryStrategy.Rollback, RecoveryStrategy.PartialRestart] }] };
        var story = new Story(Make.Stage("a") with { Recovery = rules }).Run("a").Progress("a", 0.1, 1);
        var older = story.Checkpoint("a", 10);
        story.Progress("a", 0.2, 15).Checkpoint("a", 20);

        story.Exit("a", 3);
        story.WhenDue();
        story["a"].Live!.Restore.ShouldBe([older]);
        story.Run("a");
        story.Exit("a", 4);
        story.WhenDue();

        story["a"].Faults.Select(static fault => fault.Strategy).ShouldBe([RecoveryStrategy.Rollback, RecoveryStrategy.PartialRestart]);
        story["a"].Live!.Restore.ShouldBeEmpty();
    }

    [Fact]
    public void A_failure_during_recovery_joins_it_and_both_are_resolved_by_the_same_start()
    {
        var story = new Story(Make.Stage("a")).Run("a");
        story.Exit("a", 3);
        story.WhenDue().Grant("a");
        story.Report("a", new AttemptReport.LaunchRefused { Reason = "no such directory", NodeAtFault = true });
        story["a"].Faults.Count(static fault => !fault.IsResolved).ShouldBe(2);

        story.WhenDue().Run("a", "n-2");

        story["a"].Faults.ShouldAllBe(static fault => fault.IsResolved);
        story["a"].Recovery.Recovered.ShouldBe(2);
    }

    [Fact]
    public void Failures_that_are_mapped_to_an_end_are_on_record_too()
    {
        var story = new Story(
            Make.Stage("a") with { OnExit = Make.Stage("a").OnExit.Add(4, ExitMeaning.SoftFail).Add(5, ExitMeaning.HardFail) },
            Make.Stage("b") with { OnExit = Make.Stage("a").OnExit.Add(5, ExitMeaning.HardFail) }).Run("a").Run("b");

        story.Exit("a", 4);
        story.Exit("b", 5);

        story["a"].Faults.ShouldHaveSingleItem().IsResolved.ShouldBeTrue();
        story["b"].Faults.ShouldHaveSingleItem().Resolution!.ShouldStartWith("left to a person");
    }

    [Fact]
    public void Only_the_newest_failures_are_held_and_all_are_counted_and_kept()
    {
        var story = new Story(Make.Stage("a")).Run("a");
        for (var i = 0; i < 12; i++)
        {
            story.Lose("a").Run("a").Progress("a", 0.01 * i, i);
        }

        story["a"].Faults.Length.ShouldBe(StageState.FaultsMax);
        story["a"].Recovery.Failures.ShouldBe(12);
        story["a"].Recovery.Recovered.ShouldBe(12);
        story.History.Count(static row => row.Failure is not null).ShouldBe(12);
    }

    [Fact]
    public void What_happened_while_no_silo_was_up_is_told_afterwards_and_nobody_is_taken_for_stalled_before()
    {
        var story = new Story(Make.Stage("a") with { StallAfter = TimeSpan.FromMinutes(10), Recovery = new() { TimeLimit = TimeSpan.FromHours(2) } }, Make.Stage("b")).Run("a").Run("b", "n-2");
        story.After(TimeSpan.FromMinutes(5)).Progress("a", 0.1, 10).Progress("b", 0.1, 10);

        story.Outage(TimeSpan.FromHours(8));

        story["a"].Status.ShouldBe(StageStatus.Running);
        story["b"].Status.ShouldBe(StageStatus.Running);
        story.Exit("a").Instruction.ShouldBe(ReportInstruction.Publish);
        story.Progress("b", 0.9, 90);
        story["b"].Pace.LongestSeen.ShouldBe(TimeSpan.FromMinutes(5));
    }

    [Fact]
    public void A_stall_is_still_noticed_after_an_outage_once_somebody_watched_for_as_long()
    {
        var story = new Story(Make.Stage("a") with { StallAfter = TimeSpan.FromMinutes(10) }).Run("a").Progress("a", 0.1, 10);

        story.Outage(TimeSpan.FromHours(3)).After(TimeSpan.FromMinutes(10));

        story["a"].Status.ShouldBe(StageStatus.Backoff);
        story["a"].Faults[^1].Kind.ShouldBe(FailureKind.Deadlock);
    }

    [Fact]
    public void Silence_behind_a_cut_or_storage_that_hangs_is_no_stall_it_is_told_once_and_its_wait_begins_anew()
    {
        var story = new Story(Make.Stage("a") with { StallAfter = TimeSpan.FromMinutes(10) }).Run("a").Progress("a", 0.1, 10);
        story.Doubt = "the storage of n-1 does not answer";

        story.After(TimeSpan.FromMinutes(10)).After(TimeSpan.FromMinutes(10)).After(TimeSpan.FromMinutes(10));

        story["a"].Status.ShouldBe(StageStatus.Running);
        story["a"].Faults.ShouldBeEmpty();
        story.Events.Single(static entry => entry.Kind == EventKinds.StageUnclear).Text.ShouldBe("a is not heard to get further, and is not judged: the storage of n-1 does not answer");

        story.Doubt = null;
        story.After(TimeSpan.FromMinutes(9));
        story["a"].Status.ShouldBe(StageStatus.Running);
        story.After(TimeSpan.FromMinutes(1));
        story["a"].Faults.ShouldHaveSingleItem().Kind.ShouldBe(FailureKind.Deadlock);
    }

    [Fact]
    public void While_nodes_that_are_asked_give_no_answer_the_cluster_is_asked_as_ever()
    {
        var story = new Story(Make.Stage("a") with { StallAfter = TimeSpan.FromMinutes(10) }).Run("a").Progress("a", 0.1, 10);
        story.Answers = false;

        story.After(TimeSpan.FromMinutes(10));

        var asked = story.Owed.OfType<SimulationEffect.SeeNodes>().ShouldHaveSingleItem();
        story.Owed.OfType<SimulationEffect.ReadLease>().ShouldHaveSingleItem().Lane.ShouldNotBe(asked.Lane);
    }

    [Fact]
    public void What_got_further_while_its_nodes_were_asked_is_no_stall()
    {
        var story = new Story(Make.Stage("a") with { StallAfter = TimeSpan.FromMinutes(10) }).Run("a").Progress("a", 0.1, 10);
        story.Answers = false;
        story.After(TimeSpan.FromMinutes(10));
        var asked = story.Owed.OfType<SimulationEffect.SeeNodes>().ShouldHaveSingleItem();
        asked.Nodes.ShouldBe([new NodeId("n-1")]);

        story.Progress("a", 0.2, 20).Take(new SimulationInput.NodesSeen(asked.Attempt, Doubt: null));

        story["a"].Status.ShouldBe(StageStatus.Running);
        story.Owed.OfType<SimulationEffect.SeeNodes>().ShouldBeEmpty();
    }

    [Fact]
    public void A_program_that_left_as_asked_while_no_silo_was_up_keeps_the_checkpoint_that_it_left_with()
    {
        var story = new Story(Make.Stage("a")).Run("a");
        story.Take(new SimulationInput.Pause("maintenance"));

        story.Outage(TimeSpan.FromHours(1));
        var left = story.Checkpoint("a", 100);
        story.Exit("a", status: 0, asked: StopReason.Pause);

        story["a"].Status.ShouldBe(StageStatus.Paused);
        story["a"].Recent[^1].End.ShouldBe(AttemptEnd.Paused);
        story.Take(new SimulationInput.Resume(""));
        story["a"].Live!.Restore.ShouldBe([left]);
    }

    [Fact]
    public void A_failing_file_system_says_nothing_against_checkpoints_and_is_waited_for_as_long_as_promised()
    {
        var story = new Story(Make.Stage("a")).Run("a");
        story.Checkpoint("a", 8000);
        var newest = story.Checkpoint("a", 9000);
        story.Progress("a", 0.5, 9050);

        for (var wait = 1; wait <= 20; wait++)
        {
            Say(story, "Stale file handle");
            story["a"].WaitsUsed.ShouldBe(wait);
            story.WhenDue();
            story["a"].Live!.Restore[0].ShouldBe(newest);
            story.Run("a");
        }

        Say(story, "Stale file handle");
        story["a"].Reason.ShouldBe("exit status 1: Stale file handle, after 20 tries that waited for its surroundings");
    }

    [Fact]
    public void Going_back_by_a_rule_begins_with_the_newest_proven_one_and_ends_after_three()
    {
        var rules = new RecoveryPolicy { Rules = [new() { Kind = FailureKind.ProcessCrash, Strategies = [RecoveryStrategy.Rollback] }] };
        var story = new Story(Make.Stage("a") with { Recovery = rules, Checkpoint = new() { KeepRecent = 5 } }).Run("a");
        string[] names = [.. Enumerable.Range(1, 4).Select(number => story.Checkpoint("a", number * 100))];
        story.Report("a", new AttemptReport.Verified { Checkpoint = names[2], Passed = true });
        story.Progress("a", 0.6, 600).Exit("a", 9);

        foreach (var name in new[] { names[2], names[1], names[0] })
        {
            story.WhenDue();
            story["a"].Live!.Restore[0].ShouldBe(name);
            story.Run("a");
            story.Exit("a", 9);
        }

        story["a"].Reason.ShouldBe("exit status 9; the same at the same step after going back three times");
    }

    [Fact]
    public void Nodes_that_cannot_launch_it_use_no_retry_until_none_is_left_that_could()
    {
        var story = new Story(Make.Stage("a"));
        for (var node = 1; node <= 6; node++)
        {
            story.Grant("a", $"n-{node}");
            Refuse(story);
            story["a"].RetriesUsed.ShouldBe(0);
            story["a"].Avoid.Length.ShouldBe(node);
            story.Wait("a").ShouldBeInRange(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));
            story.WhenDue();
        }

        story.Take(new SimulationInput.LeaseSeen(new()
        {
            Attempt = story.Attempt("a"),
            State = Core.Clusters.LeaseState.Queued,
            Reason = new() { Constraint = Core.Scheduling.PlacementConstraint.NotAvoided, NodesNeeded = 1 },
        }));
        story.Grant("a");
        Refuse(story);
        story["a"].RetriesUsed.ShouldBe(1);
        story["a"].Reason.ShouldBe("n-1 could not launch it: no such directory: scratch; retry 1 of 3, on other nodes");
    }

    [Fact]
    public void A_program_that_takes_its_node_down_each_time_waits_longer_and_longer_and_is_left_to_a_person()
    {
        var story = new Story(Make.Stage("a")).Run("a");
        story.Checkpoint("a", 900);
        for (var loss = 0; loss < 40 && !story["a"].IsFinal; loss++)
        {
            story.Progress("a", 0.5, 1000).Lose("a", "n-1");
            if (story["a"].Status == StageStatus.Backoff)
            {
                story.WhenDue();
            }

            if (story["a"].Live is not null)
            {
                story.Run("a");
            }
        }

        story["a"].Status.ShouldBe(StageStatus.Failed);
        story["a"].Reason.ShouldBe("n-1 was lost; 20 times without having got further");
        story["a"].RetriesUsed.ShouldBe(0);
    }

    [Fact]
    public void A_program_that_leaves_to_be_continued_after_hours_without_a_step_is_not_continued_for_ever()
    {
        var story = new Story(Make.Stage("a")).Run("a").Progress("a", 0.1, 10);
        story.Checkpoint("a", 10);
        for (var end = 0; end < 40 && !story["a"].IsFinal; end++)
        {
            story.After(TimeSpan.FromHours(1)).Exit("a", 85);
            if (story["a"].Status == StageStatus.Backoff)
            {
                story.WhenDue();
            }

            if (story["a"].Live is not null)
            {
                story.Run("a");
            }
        }

        story["a"].Status.ShouldBe(StageStatus.Failed);
    }

    [Fact]
    public void Tries_are_not_counted_anew_by_a_checkpoint_before_the_failure_because_something_else_failed_since()
    {
        var story = new Story(Make.Stage("a")).Run("a");
        story.Checkpoint("a", 900);
        story.Progress("a", 0.1, 1000).Exit("a", 3);
        story.WhenDue().Run("a").Progress("a", 0.09, 950).Lose("a");

        story.Run("a").Checkpoint("a", 960);

        story["a"].RetriesUsed.ShouldBe(1);
        story.Checkpoint("a", 1001);
        story["a"].RetriesUsed.ShouldBe(0);
    }

    [Fact]
    public void Tries_of_a_program_without_steps_are_counted_anew_once_a_checkpoint_carries_more_than_it_had_done()
    {
        var story = new Story(Make.Stage("a")).Run("a");
        story.After(TimeSpan.FromHours(1)).Checkpoint("a", -1);
        story.After(TimeSpan.FromMinutes(30)).Exit("a", 3);
        story.WhenDue().Run("a").After(TimeSpan.FromMinutes(29));

        Unnamed("first");
        story["a"].RetriesUsed.ShouldBe(1);
        story.After(TimeSpan.FromMinutes(2));
        Unnamed("second");

        story["a"].RetriesUsed.ShouldBe(0);

        void Unnamed(string name) => story.Report("a", new AttemptReport.Checkpointed { Checkpoint = new() { Name = name, Path = name, TakenAt = story.Now } });
    }

    private static void Refuse(Story story) => story.Report("a", new AttemptReport.LaunchRefused { Reason = "no such directory: scratch", NodeAtFault = true });

    private static void Say(Story story, string words) => story.Report("a", new AttemptReport.Exited { ExitStatus = 1, LastWords = words });
}
