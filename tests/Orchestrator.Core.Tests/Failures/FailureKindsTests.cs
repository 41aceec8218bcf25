using Orchestrator.Core.Failures;

namespace Orchestrator.Core.Tests.Failures;

public sealed class FailureKindsTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void There_are_twelve_kinds_and_each_has_a_name_a_severity_and_something_that_is_done()
    {
        FailureKinds.All.Length.ShouldBe(12);
        foreach (var kind in FailureKinds.All)
        {
            FailureKinds.Parse(FailureKinds.NameOf(kind)).ShouldBe(kind);
            FailureKinds.Parse(FailureKinds.NameOf(kind).Replace('-', '_')).ShouldBe(kind);
            ((int)FailureKinds.SeverityOf(kind)).ShouldBeGreaterThanOrEqualTo((int)FailureSeverity.Medium);
            FailureKinds.StrategiesOf(kind).ShouldNotBeEmpty();
        }

        FailureKinds.Parse("nothing").ShouldBe(FailureKind.Absent);
        FailureKinds.SeverityOf(FailureKind.Absent).ShouldBe(FailureSeverity.Info);
    }

    [Theory]
    [InlineData(FailureKind.NodeOffline, "migrate restore")]
    [InlineData(FailureKind.NodeDegraded, "migrate reconfigure")]
    [InlineData(FailureKind.ProcessCrash, "restart restore")]
    [InlineData(FailureKind.MemoryExhaustion, "reconfigure restart")]
    [InlineData(FailureKind.DiskFull, "ignore")]
    [InlineData(FailureKind.NetworkFailure, "restart migrate")]
    [InlineData(FailureKind.ResourceContention, "reconfigure migrate")]
    [InlineData(FailureKind.Deadlock, "restart restore")]
    [InlineData(FailureKind.Timeout, "restart reconfigure")]
    [InlineData(FailureKind.StorageFailure, "migrate restore")]
    [InlineData(FailureKind.Unknown, "restore restart")]
    [InlineData(FailureKind.ResourceExcess, "reconfigure")]
    public void Each_kind_has_strategies_in_an_order(FailureKind kind, string expected) =>
        string.Join(' ', FailureKinds.StrategiesOf(kind).Select(FailureKinds.NameOf)).ShouldBe(expected);

    [Fact]
    public void Strategies_are_tried_in_turn_and_then_from_the_beginning()
    {
        var strategies = FailureKinds.StrategiesOf(FailureKind.NodeOffline);

        RecoveryPlan.Next(strategies, []).ShouldBe(RecoveryStrategy.Migrate);
        RecoveryPlan.Next(strategies, [RecoveryStrategy.Migrate]).ShouldBe(RecoveryStrategy.Restore);
        RecoveryPlan.Next(strategies, [RecoveryStrategy.Migrate, RecoveryStrategy.Restore]).ShouldBe(RecoveryStrategy.Migrate);
    }

    [Fact]
    public void A_strategy_that_makes_no_sense_is_passed_over_and_without_any_other_it_is_started_again()
    {
        RecoveryPlan.Next([RecoveryStrategy.Restore, RecoveryStrategy.Migrate], [], static strategy => strategy != RecoveryStrategy.Restore).ShouldBe(RecoveryStrategy.Migrate);
        RecoveryPlan.Next([RecoveryStrategy.Restore], [], static _ => false).ShouldBe(RecoveryStrategy.Restart);
    }

    [Fact]
    public void The_wait_doubles_up_to_the_longest()
    {
        TimeSpan[] waits = [.. Enumerable.Range(1, 4).Select(tries => RecoveryPlan.Backoff(TimeSpan.FromMinutes(5), TimeSpan.FromHours(1), tries))];

        waits.ShouldBe([TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(40)]);
        RecoveryPlan.Backoff(TimeSpan.FromMinutes(5), TimeSpan.FromHours(1), 900).ShouldBe(TimeSpan.FromHours(1));
    }

    [Fact]
    public void Half_of_a_wait_and_more_is_waited_for_another_part_by_each_attempt_and_always_the_same()
    {
        TimeSpan Wait(int simulation, int tries) => RecoveryPlan.Backoff(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5), tries, new(new Core.Ids.SimulationId($"s-{simulation}"), "run", tries));
        var first = Enumerable.Range(0, 1000).Select(simulation => Wait(simulation, 1)).ToArray();

        first.ShouldAllBe(static wait => wait >= TimeSpan.FromSeconds(5) && wait <= TimeSpan.FromSeconds(10));
        first.Count(static wait => wait < TimeSpan.FromSeconds(7.5)).ShouldBeInRange(400, 600);
        first.Distinct().Count().ShouldBeGreaterThan(990);
        Wait(7, 1).ShouldBe(Wait(7, 1));
        Wait(7, 900).ShouldBeInRange(TimeSpan.FromMinutes(2.5), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public void Names_of_strategies_are_read_as_they_are_written()
    {
        foreach (var strategy in Enum.GetValues<RecoveryStrategy>().Where(static strategy => strategy != RecoveryStrategy.Absent))
        {
            FailureKinds.ParseStrategy(FailureKinds.NameOf(strategy)).ShouldBe(strategy);
        }

        FailureKinds.ParseStrategy("restore_checkpoint").ShouldBe(RecoveryStrategy.Restore);
        FailureKinds.ParseStrategy("absent").ShouldBe(RecoveryStrategy.Absent);
    }

    [Fact]
    public void A_policy_says_what_is_done_otherwise_for_the_kinds_that_it_names()
    {
        var policy = new RecoveryPolicy { Rules = [new() { Kind = FailureKind.ProcessCrash, Strategies = [RecoveryStrategy.Rollback] }] };

        policy.StrategiesOf(FailureKind.ProcessCrash).ShouldBe([RecoveryStrategy.Rollback]);
        policy.StrategiesOf(FailureKind.Deadlock).ShouldBe(FailureKinds.StrategiesOf(FailureKind.Deadlock));
        policy.ShouldBe(new() { Rules = [new() { Kind = FailureKind.ProcessCrash, Strategies = [RecoveryStrategy.Rollback] }] });
        policy.GetHashCode().ShouldBe(new RecoveryPolicy { Rules = [new() { Kind = FailureKind.ProcessCrash, Strategies = [RecoveryStrategy.Rollback] }] }.GetHashCode());
        policy.ShouldNotBe(RecoveryPolicy.Default);
    }

    [Fact]
    public void Of_many_failures_three_are_looked_at_the_gravest_first_and_the_oldest_of_these()
    {
        FailureRecord[] ten =
        [
            .. Enumerable.Range(0, 4).Select(i => Failure(i, FailureSeverity.Low)),
            .. Enumerable.Range(4, 3).Select(i => Failure(i, FailureSeverity.Medium)),
            .. Enumerable.Range(7, 3).Select(i => Failure(i, FailureSeverity.High)),
        ];

        FailureTriage.Pass(ten).Select(static failure => failure.Number).ShouldBe([7, 8, 9]);
        FailureTriage.Pass([Failure(1, FailureSeverity.Low), Failure(2, FailureSeverity.High), Failure(3, FailureSeverity.Critical), Failure(4, FailureSeverity.Medium)])
            .Select(static failure => failure.Severity).ShouldBe([FailureSeverity.Critical, FailureSeverity.High, FailureSeverity.Medium]);
        FailureTriage.Order([Failure(1, FailureSeverity.High) with { IsResolved = true }]).ShouldBeEmpty();
    }

    [Fact]
    public void The_success_rate_and_the_mean_times_follow_from_what_was_noticed_and_resolved()
    {
        var first = Failure(1, FailureSeverity.High) with { OccurredAt = Now.AddSeconds(-10), WorkLost = TimeSpan.FromMinutes(3), RecoveredAt = Now.AddSeconds(45), IsResolved = true };
        var second = Failure(2, FailureSeverity.High) with { OccurredAt = Now.AddSeconds(-20), WorkLost = TimeSpan.FromMinutes(1), IsResolved = true };

        var one = RecoveryTally.Of([first]);
        one.SuccessRate.ShouldBe(1);
        var both = RecoveryTally.Of([first, second]);

        both.SuccessRate.ShouldBe(0.5);
        both.MeanTimeToDetect.ShouldBe(TimeSpan.FromSeconds(15));
        both.MeanTimeToRepair.ShouldBe(TimeSpan.FromSeconds(45));
        both.WorkLost.ShouldBe(TimeSpan.FromMinutes(4));
        both.WorkLostMax.ShouldBe(TimeSpan.FromMinutes(3));
        (one + RecoveryTally.Of([second])).ShouldBe(both);
        RecoveryTally.None.SuccessRate.ShouldBe(1);
        RecoveryTally.None.MeanTimeToRepair.ShouldBe(TimeSpan.Zero);
        RecoveryTally.None.MeanTimeToDetect.ShouldBe(TimeSpan.Zero);
        first.IsRecovered.ShouldBeTrue();
    }

    private static FailureRecord Failure(long number, FailureSeverity severity) =>
        new() { Number = number, Kind = FailureKind.ProcessCrash, Severity = severity, OccurredAt = Now, DetectedAt = Now };
}
