using System.Collections.Immutable;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Tests.Failures;

public sealed class DetectorTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Suspicion_grows_with_silence_and_the_silence_of_a_given_suspicion_is_its_inverse()
    {
        var regular = Heard(100, 2, 0.1);

        double[] phi = [.. new[] { 1.0, 2, 3, 4, 5, 6 }.Select(seconds => regular.Phi(TimeSpan.FromSeconds(seconds)))];

        phi.ShouldBe(phi.Order());
        regular.Phi(regular.SilenceAt(8)!.Value).ShouldBe(8, 1e-3);
        regular.Phi(TimeSpan.FromDays(1)).ShouldBe(double.PositiveInfinity);
    }

    [Fact]
    public void A_node_whose_heartbeats_come_irregularly_is_given_more_time()
    {
        Heard(100, 2, 1.5).SilenceAt(8)!.Value.ShouldBeGreaterThan(Heard(100, 2, 0.1).SilenceAt(8)!.Value * 1.5);
    }

    [Fact]
    public void Before_a_few_heartbeats_nothing_is_concluded()
    {
        var few = Heard(PhiAccrual.SamplesMin - 1, 2, 0);

        few.Phi(TimeSpan.FromHours(1)).ShouldBe(0);
        few.SilenceAt(8).ShouldBeNull();
        PhiAccrual.None.IsSure.ShouldBeFalse();
    }

    [Fact]
    public void Perfect_regularity_does_not_make_a_short_pause_a_failure()
    {
        Heard(100, 2, 0).SilenceAt(8)!.Value.ShouldBeGreaterThan(TimeSpan.FromSeconds(4));
    }

    [Fact]
    public void The_reliability_of_a_node_is_the_part_of_its_latest_uses_that_went_well()
    {
        var good = Enumerable.Range(0, 5).Aggregate(NodeReliability.Unknown, static (node, _) => node.After(true, TimeSpan.FromHours(1)));

        NodeReliability.Unknown.Health.ShouldBe(1);
        NodeReliability.Unknown.Score.ShouldBe(1);
        good.Health.ShouldBe(1);
        NodeReliability.Unknown.After(true, TimeSpan.Zero).After(false, TimeSpan.Zero).After(true, TimeSpan.Zero).Health.ShouldBe(2.0 / 3, 1e-9);
        Enumerable.Range(0, 5).Aggregate(good, static (node, _) => node.After(false, TimeSpan.Zero)).Health.ShouldBeLessThanOrEqualTo(0.5);
    }

    [Fact]
    public void A_node_that_fails_often_is_trusted_less_than_one_of_which_nothing_is_known_and_regains_trust_by_working()
    {
        var bad = NodeReliability.Unknown.After(false, TimeSpan.FromHours(1)).After(false, TimeSpan.FromHours(1));
        var healed = Enumerable.Range(0, 20).Aggregate(bad, static (node, _) => node.After(true, TimeSpan.FromDays(5)));

        bad.Score.ShouldBeLessThan(0.5);
        bad.InARow.ShouldBe(2);
        bad.Rate.ShouldBeGreaterThan(NodeReliability.Unknown.Rate);
        healed.Score.ShouldBe(1, 0.01);
        healed.InARow.ShouldBe(0);
        healed.Latest.Length.ShouldBe(NodeReliability.LatestMax);
        NodeReliability.Unknown.After(true, TimeSpan.Zero).ShouldBe(NodeReliability.Unknown.After(true, TimeSpan.Zero));
        bad.GetHashCode().ShouldNotBe(healed.GetHashCode());
    }

    [Fact]
    public void A_node_that_flaps_is_kept_from_work_the_longer_the_oftener_it_went()
    {
        var quarantine = new Quarantine();
        DateTimeOffset[] losses = [Now.AddMinutes(-50), Now.AddMinutes(-30), Now.AddMinutes(-5)];

        quarantine.Of(losses[..2], Now).ShouldBeNull();
        quarantine.Of(losses, Now).ShouldBe(TimeSpan.FromMinutes(10));
        quarantine.Of([.. losses, Now], Now).ShouldBe(TimeSpan.FromMinutes(20));
        quarantine.Of(losses, Now.AddHours(2)).ShouldBeNull();
    }

    [Fact]
    public void Five_failures_open_the_breaker_a_minute_half_opens_it_and_a_success_closes_it()
    {
        var breaker = Enumerable.Range(0, 4).Aggregate(CircuitBreaker.Closed, static (each, _) => each.Failed(Now));
        breaker.StateAt(Now).ShouldBe(CircuitState.Closed);
        breaker.Ask(Now).IsGranted.ShouldBeTrue();

        breaker = breaker.Failed(Now);
        breaker.StateAt(Now).ShouldBe(CircuitState.Open);
        breaker.Ask(Now.AddSeconds(59)).IsGranted.ShouldBeFalse();

        var later = Now.AddSeconds(60);
        breaker.StateAt(later).ShouldBe(CircuitState.HalfOpen);
        for (var trial = 0; trial < CircuitBreaker.TrialsMax; trial++)
        {
            (var granted, breaker) = breaker.Ask(later);
            granted.ShouldBeTrue();
        }

        breaker.Ask(later).IsGranted.ShouldBeFalse();
        breaker.Failed(later).StateAt(later.AddSeconds(59)).ShouldBe(CircuitState.Open);
        breaker.Succeeded().ShouldBe(CircuitBreaker.Closed);
        CircuitBreaker.Closed.Succeeded().ShouldBeSameAs(CircuitBreaker.Closed);
    }

    [Fact]
    public void A_program_is_stalled_after_many_of_its_usual_intervals_and_never_within_the_hour()
    {
        var fast = Enumerable.Range(0, 20).Aggregate(ProgressPace.None, static (pace, _) => pace.After(TimeSpan.FromSeconds(1)));
        var slow = Enumerable.Range(0, 20).Aggregate(ProgressPace.None, static (pace, _) => pace.After(TimeSpan.FromMinutes(5)));

        fast.Limit.ShouldBe(ProgressPace.Least);
        slow.Limit.ShouldBe(TimeSpan.FromMinutes(100));
    }

    [Fact]
    public void A_program_that_never_got_further_is_not_judged_and_a_long_wait_that_went_on_is_no_stall_the_next_time()
    {
        var often = Enumerable.Range(0, 20).Aggregate(ProgressPace.None.After(TimeSpan.FromHours(2)), static (pace, _) => pace.After(TimeSpan.FromSeconds(10)));

        ProgressPace.None.Limit.ShouldBeNull();
        often.Limit!.Value.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromHours(6));
    }

    [Fact]
    public void Storage_that_becomes_twenty_times_slower_raises_one_alarm_until_it_is_well_again()
    {
        var usual = Enumerable.Range(0, 5).Aggregate(StorageWatch.None, static (watch, _) => watch.After(TimeSpan.FromSeconds(2), Now));

        var slow = usual.After(TimeSpan.FromSeconds(40), Now);
        slow.IsSlow.ShouldBeTrue();
        slow.After(TimeSpan.FromSeconds(50), Now.AddMinutes(5)).ShouldBeSameAs(slow);
        slow.After(TimeSpan.FromSeconds(3), Now.AddMinutes(9)).IsSlow.ShouldBeFalse();
        slow.Usual.ShouldBe(usual.Usual);
    }

    [Fact]
    public void What_takes_no_longer_than_a_moment_is_never_slow()
    {
        var usual = Enumerable.Range(0, 5).Aggregate(StorageWatch.None, static (watch, _) => watch.After(TimeSpan.FromMilliseconds(10), Now));

        usual.After(TimeSpan.FromMilliseconds(900), Now).IsSlow.ShouldBeFalse();
    }

    [Fact]
    public void A_node_is_contended_when_others_use_it_and_its_own_work_gets_slower_for_a_while()
    {
        var watch = ContentionWatch.None.After(0.6, 0.4, Now).After(0.6, 0.4, Now.AddSeconds(20));

        watch.IsContended(Now.AddSeconds(19)).ShouldBeFalse();
        watch.IsContended(Now.AddSeconds(20)).ShouldBeTrue();
        watch.IsOver(Now.AddSeconds(90)).ShouldBeFalse();
        watch = watch.After(0.05, 1, Now.AddSeconds(30));
        watch.IsContended(Now.AddSeconds(60)).ShouldBeFalse();
        watch.IsOver(Now.AddSeconds(90)).ShouldBeTrue();
    }

    [Fact]
    public void A_node_without_work_of_ours_is_contended_no_longer_whatever_others_do_there()
    {
        var watch = ContentionWatch.None.After(0.6, 0.4, Now).After(0.6, null, Now.AddSeconds(30));

        watch.IsOver(Now.AddSeconds(89)).ShouldBeFalse();
        watch.IsOver(Now.AddSeconds(90)).ShouldBeTrue();
    }

    [Fact]
    public void Slow_work_on_a_node_of_its_own_and_others_who_slow_nothing_down_are_no_contention()
    {
        ContentionWatch.None.After(0.05, 0.2, Now).IsContended(Now.AddHours(1)).ShouldBeFalse();
        ContentionWatch.None.After(0.9, 1, Now).IsContended(Now.AddHours(1)).ShouldBeFalse();
        ContentionWatch.None.After(0.9, null, Now).IsContended(Now.AddHours(1)).ShouldBeFalse();
    }

    [Fact]
    public void Nodes_of_one_rack_that_fall_silent_together_are_one_event_of_the_narrowest_part_that_has_them_all()
    {
        var lost = Nodes(0, 10, "room=a", "rack=r1");
        var heard = Nodes(10, 10, "room=a", "rack=r2");

        LossCorrelation.Find(lost, heard)!.ToString().ShouldBe("10 of 10 nodes of rack=r1");
    }

    [Fact]
    public void Nodes_that_have_nothing_in_common_or_are_all_that_there_is_are_no_common_event()
    {
        LossCorrelation.Find(Nodes(0, 1, "rack=r1"), Nodes(1, 5, "rack=r2")).ShouldBeNull();
        LossCorrelation.Find([.. Nodes(0, 2, "rack=r1"), .. Nodes(2, 2, "rack=r2")], Nodes(4, 5, "rack=r1")).ShouldBeNull();
        LossCorrelation.Find(Nodes(0, 5, "rack=r1"), []).ShouldBeNull();
        LossCorrelation.Find(Nodes(0, 2, "rack=r1"), Nodes(2, 8, "rack=r1")).ShouldBeNull();
        LossCorrelation.Find(Nodes(0, 5, "room=a"), Nodes(5, 5, "room=a")).ShouldBeNull();
    }

    [Fact]
    public void Memory_disk_and_inodes_are_used_up_from_a_limit_on_and_stay_so_until_they_ease()
    {
        ImmutableArray<FailureKind> both = [FailureKind.MemoryExhaustion, FailureKind.DiskFull];

        ResourceLimits.Of(new() { Memory = 0.98, Disk = 0.5, Inodes = 0.99 }, []).ShouldBe(both);
        ResourceLimits.Of(new() { Memory = 0.93, Disk = 0.93 }, []).ShouldBeEmpty();
        ResourceLimits.Of(new() { Memory = 0.93, Disk = 0.93 }, both).ShouldBe(both);
        ResourceLimits.Of(new() { Disk = 0.99 }, []).ShouldBe([FailureKind.DiskFull]);
        ResourceLimits.Of(new(), []).ShouldBeEmpty();
    }

    private static (NodeId Node, ImmutableArray<string> Topology)[] Nodes(int first, int count, params string[] topology) =>
        [.. Enumerable.Range(first, count).Select(i => (new NodeId($"n-{i}"), topology.ToImmutableArray()))];

    private static PhiAccrual Heard(int count, double seconds, double jitter) =>
        Enumerable.Range(0, count).Aggregate(PhiAccrual.None, (phi, i) => phi.After(TimeSpan.FromSeconds(seconds + (i % 2 == 0 ? jitter : -jitter))));
}
