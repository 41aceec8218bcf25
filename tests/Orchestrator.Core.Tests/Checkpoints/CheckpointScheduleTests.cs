using Orchestrator.Core.Checkpoints;

namespace Orchestrator.Core.Tests.Checkpoints;

/// <summary>From policy and measurements to intervals, and what gives way where limits contradict each other.</summary>
public sealed class CheckpointScheduleTests
{
    private static readonly CheckpointFacts Facts = new()
    {
        Cost = TimeSpan.FromSeconds(4), Measured = true, MeanTimeBetweenFailures = TimeSpan.FromHours(24), Detection = TimeSpan.FromSeconds(30),
    };

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Adaptive_is_the_optimum_of_Daly_where_no_limit_binds()
    {
        var plan = CheckpointSchedule.Plan(new(), Facts);

        plan.Interval.ShouldBe(CheckpointInterval.Daly(Facts.Cost, Facts.MeanTimeBetweenFailures));
        plan.Conflict.ShouldBeNull();
        plan.Tell().ShouldStartWith("a checkpoint every 13 min");
    }

    [Fact]
    public void The_largest_loss_counts_what_a_checkpoint_takes_until_it_is_durable_and_a_loss_is_noticed()
    {
        var facts = Facts with { MeanTimeBetweenFailures = TimeSpan.FromDays(300), Flush = TimeSpan.FromMinutes(5) };

        var plan = CheckpointSchedule.Plan(new(), facts);

        plan.Interval.ShouldBe(TimeSpan.FromMinutes(55) - TimeSpan.FromSeconds(4) - TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(30));
        plan.LossMax.ShouldBe(TimeSpan.FromMinutes(55));
    }

    [Fact]
    public void Frequent_failures_do_not_push_checkpoints_over_their_part_of_the_time()
    {
        var plan = CheckpointSchedule.Plan(new() { OverheadMax = 0.005 }, Facts with { MeanTimeBetweenFailures = TimeSpan.FromMinutes(30) });

        plan.Overhead.ShouldBe(0.005, 1e-6);
        plan.Interval!.Value.ShouldBeGreaterThan(plan.Optimum);
        plan.Conflict.ShouldBeNull();
    }

    [Fact]
    public void A_flush_beside_the_program_is_what_gives_way_first()
    {
        var plan = CheckpointSchedule.Plan(new() { MaxLoss = TimeSpan.FromMinutes(30) }, Facts with { Cost = TimeSpan.FromSeconds(20), Flush = TimeSpan.FromMinutes(3) });

        plan.Concession.ShouldBe(CheckpointConcession.AsynchronousFlush);
        plan.Overhead.ShouldBeLessThanOrEqualTo(0.02);
        plan.Conflict.ShouldBe("max_loss 30 min 00 s and an overhead of 2.0 % are both had only because checkpoints become durable beside the running program, 3 min 00 s after they were taken");
    }

    [Fact]
    public void Then_a_smaller_kind_is_written()
    {
        var facts = Facts with { Cost = TimeSpan.FromSeconds(30), SmallerCost = TimeSpan.FromSeconds(2) };

        var plan = CheckpointSchedule.Plan(new() { MaxLoss = TimeSpan.FromMinutes(10), Smaller = CheckpointKind.CriticalState }, facts);

        plan.Concession.ShouldBe(CheckpointConcession.SmallerKind);
        plan.Kind.ShouldBe(CheckpointKind.CriticalState);
        plan.Overhead.ShouldBeLessThanOrEqualTo(0.02);
        plan.Conflict.ShouldBe("max_loss 10 min 00 s and an overhead of 2.0 % contradict each other at 30 s for a full checkpoint: critical-state ones are written instead");
    }

    [Fact]
    public void Then_the_largest_loss_wins_and_the_price_is_named()
    {
        var plan = CheckpointSchedule.Plan(new() { MaxLoss = TimeSpan.FromMinutes(10) }, Facts with { Cost = TimeSpan.FromSeconds(60), MeanTimeBetweenFailures = TimeSpan.FromDays(30) });

        plan.Concession.ShouldBe(CheckpointConcession.OverheadLimit);
        plan.LossMax.ShouldBe(TimeSpan.FromMinutes(10));
        plan.Conflict.ShouldBe("max_loss 10 min 00 s and an overhead of 2.0 % contradict each other at 60 s for a full checkpoint: max_loss wins, and checkpoints take 10.5 % of its time");
    }

    [Fact]
    public void A_smaller_kind_that_does_not_suffice_is_written_all_the_same_and_said()
    {
        var facts = Facts with { Cost = TimeSpan.FromSeconds(60), SmallerCost = TimeSpan.FromSeconds(20) };

        var plan = CheckpointSchedule.Plan(new() { MaxLoss = TimeSpan.FromMinutes(5), Smaller = CheckpointKind.Incremental }, facts);

        plan.Concession.ShouldBe(CheckpointConcession.OverheadLimit);
        plan.Kind.ShouldBe(CheckpointKind.Incremental);
        plan.Conflict!.ShouldEndWith("though incremental ones are written");
    }

    [Fact]
    public void A_smaller_kind_that_costs_no_less_is_not_written_again()
    {
        var facts = Facts with { Cost = TimeSpan.FromSeconds(60), SmallerCost = TimeSpan.FromSeconds(61) };

        CheckpointSchedule.Plan(new() { MaxLoss = TimeSpan.FromMinutes(5), Smaller = CheckpointKind.MetadataOnly }, facts).Kind.ShouldBe(CheckpointKind.Full);
    }

    [Fact]
    public void A_checkpoint_that_takes_longer_than_what_may_be_lost_is_made_one_after_the_other_and_said()
    {
        var plan = CheckpointSchedule.Plan(new() { MaxLoss = TimeSpan.FromMinutes(2) }, Facts with { Cost = TimeSpan.FromMinutes(4), Measured = false });

        plan.Concession.ShouldBe(CheckpointConcession.LossLimit);
        plan.Interval.ShouldBe(TimeSpan.FromMinutes(4));
        plan.Conflict!.ShouldContain("(believed, not measured yet)");
        plan.Conflict!.ShouldContain("up to 8 min 30 s may be lost");
    }

    [Fact]
    public void Who_names_an_interval_has_it()
    {
        CheckpointSchedule.Plan(new() { Every = CheckpointTrigger.Periodic, Interval = TimeSpan.FromHours(3) }, Facts).Interval.ShouldBe(TimeSpan.FromHours(3));
    }

    [Theory]
    [InlineData(CheckpointTrigger.Program)]
    [InlineData(CheckpointTrigger.Event)]
    [InlineData(CheckpointTrigger.Progress)]
    public void Some_strategies_know_no_time(CheckpointTrigger every)
    {
        var plan = CheckpointSchedule.Plan(new() { Every = every }, Facts);

        plan.Interval.ShouldBeNull();
        plan.Tell().ShouldStartWith("checkpoints are made only when");
    }

    [Fact]
    public void One_is_due_when_there_was_none_or_its_time_has_come_or_the_progress_suffices_and_else_not()
    {
        var policy = new CheckpointPolicy { Every = CheckpointTrigger.Hybrid, Interval = TimeSpan.FromMinutes(60) };
        bool IsDue(DateTimeOffset? last, double lastProgress, double progress) => CheckpointSchedule.IsDue(policy, policy.Interval, last, lastProgress, Now, progress);

        IsDue(null, 0, 0).ShouldBeTrue();
        IsDue(Now.AddMinutes(-60), 0.5, 0.5).ShouldBeTrue();
        IsDue(Now.AddMinutes(-10), 0.5, 0.55).ShouldBeTrue();
        IsDue(Now.AddMinutes(-10), 0.5, 0.54).ShouldBeFalse();
        CheckpointSchedule.IsDue(new() { Every = CheckpointTrigger.Program }, null, null, 0, Now, 1).ShouldBeFalse();
    }

    [Fact]
    public void After_23_hours_one_is_due()
    {
        var policy = ResilienceLevels.Apply(new(), ResilienceLevel.Minimal);

        CheckpointSchedule.IsDue(policy, CheckpointSchedule.Plan(policy, Facts).Interval, Now.AddHours(-23), 0, Now, 0).ShouldBeTrue();
    }

    [Fact]
    public void Events_count_as_the_policy_names_them()
    {
        CheckpointSchedule.IsDue(new() { Every = CheckpointTrigger.Event }, CheckpointEvent.Failure).ShouldBeTrue();
        CheckpointSchedule.IsDue(new() { Every = CheckpointTrigger.Event, On = [CheckpointEvent.Artifact] }, CheckpointEvent.Failure).ShouldBeFalse();
        CheckpointSchedule.IsDue(new() { Every = CheckpointTrigger.Periodic }, CheckpointEvent.Failure).ShouldBeFalse();
    }

    [Fact]
    public void The_last_one_before_an_end_is_durable_before_the_program_is_asked_to_leave()
    {
        var at = CheckpointSchedule.Before(Now, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60));

        (Now - at).ShouldBe(TimeSpan.FromSeconds(30 + 20 + 60 + 1));
    }

    [Theory]
    [InlineData(ResilienceLevel.Minimal, 120, CheckpointTrigger.Periodic, 120)]
    [InlineData(ResilienceLevel.Standard, 60, CheckpointTrigger.Hybrid, 55)]
    [InlineData(ResilienceLevel.High, 30, CheckpointTrigger.Hybrid, 30)]
    [InlineData(ResilienceLevel.Maximum, 15, CheckpointTrigger.Hybrid, 15)]
    public void Resilience_levels_have_their_intervals_and_promise_what_is_lost_at_most(ResilienceLevel level, int minutes, CheckpointTrigger trigger, int effective)
    {
        var policy = ResilienceLevels.Apply(new(), level);
        var plan = CheckpointSchedule.Plan(policy, Facts);

        policy.Level.ShouldBe(level);
        policy.Every.ShouldBe(trigger);
        policy.Interval.ShouldBe(TimeSpan.FromMinutes(minutes));
        plan.Interval!.Value.TotalMinutes.ShouldBe(effective, 1);
        plan.LossMax.ShouldBeLessThanOrEqualTo(policy.MaxLoss);
    }

    [Fact]
    public void There_is_no_other_level() =>
        Should.Throw<ArgumentOutOfRangeException>(() => ResilienceLevels.Apply(new(), ResilienceLevel.Absent));
}
