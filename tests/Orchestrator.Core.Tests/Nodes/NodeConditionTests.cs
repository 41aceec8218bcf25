using Orchestrator.Core.Events;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Tests.Nodes;

public sealed class NodeConditionTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly NodePolicy Policy = new();

    [Fact]
    public void A_recorded_heartbeat_is_the_last_sign_of_life() => Beat(new NodeSight { WatchedSince = Now }, 1, 2).HeardAt.ShouldBe(Now.AddSeconds(2));

    [Fact]
    public void By_default_a_regular_node_is_given_up_after_ten_seconds_of_silence_and_none_later_than_after_fifteen()
    {
        var regular = Beat(new NodeSight { WatchedSince = Now }, 50, 2);
        var irregular = Enumerable.Range(0, 50).Aggregate(new NodeSight { WatchedSince = Now }, static (sight, i) => Hear(sight, (sight.HeardAt ?? Now).AddSeconds(i % 2 == 0 ? 1 : 7)));

        (NodeMachine.DueAt(Alive(), regular, Policy) - regular.HeardAt).ShouldBe(TimeSpan.FromSeconds(10));
        (NodeMachine.DueAt(Alive(), irregular, Policy) - irregular.HeardAt).ShouldBe(TimeSpan.FromSeconds(15));
        NodeMachine.DueAt(Alive(), new NodeSight { WatchedSince = Now }, Policy).ShouldBe(Now.AddSeconds(15));
    }

    [Fact]
    public void A_short_window_is_not_made_shorter_by_regular_heartbeats() =>
        new NodePolicy { HeartbeatInterval = TimeSpan.FromSeconds(0.5), DetectionWindow = TimeSpan.FromSeconds(2) }.DetectionMin.ShouldBe(TimeSpan.FromSeconds(2));

    [Fact]
    public void A_third_loss_within_the_hour_quarantines_the_node_when_it_is_back_and_time_releases_it()
    {
        var node = Flap(Flap(Alive(), 0), 10);
        node.Condition.ShouldBe(NodeCondition.Sound);

        node = Flap(node, 20);
        node.Condition.ShouldBe(NodeCondition.Quarantined);
        node.Outbox[^1].Kind.ShouldBe(EventKinds.NodeQuarantined);
        var until = node.QuarantinedUntil!.Value;
        NodeMachine.WakeAt(node with { Status = NodeStatus.Lost }, new NodeSight(), Policy).ShouldBe(until);
        NodeMachine.Step(node, new NodeInput.QuarantinePassed(), until.AddSeconds(-1)).ShouldBeSameAs(node);
        NodeMachine.Step(node, new NodeInput.QuarantinePassed(), until).Condition.ShouldBe(NodeCondition.Sound);

        Flap(node, 25).QuarantinedUntil!.Value.ShouldBe(Now.AddMinutes(25).AddSeconds(40) + TimeSpan.FromMinutes(20));
    }

    [Fact]
    public void Whoever_resumes_a_quarantined_node_answers_for_it()
    {
        var node = Flap(Flap(Flap(Alive(), 0), 10), 20);

        var resumed = NodeMachine.Step(node, new NodeInput.Ordered(NodeVerb.Resume, null), Now.AddMinutes(21));

        resumed.Condition.ShouldBe(NodeCondition.Sound);
        resumed.Failures.ShouldBeEmpty();
        resumed.Outbox[^1].Kind.ShouldBe(EventKinds.NodeReleased);
    }

    [Fact]
    public void Online_to_offline_is_one_failure_with_both_states_on_record_and_back_is_none()
    {
        var lost = NodeMachine.Step(Alive(), new NodeInput.FellSilent(Now), Now.AddSeconds(12));

        var failure = lost.Outbox[^1].Failure.ShouldNotBeNull();
        failure.Kind.ShouldBe(FailureKind.NodeOffline);
        failure.Detection.ShouldBe(FailureDetection.Heartbeat);
        failure.TimeToDetect.ShouldBe(TimeSpan.FromSeconds(12));
        lost.FailuresSeen.ShouldBe(1);
        var back = NodeMachine.Step(lost, new NodeInput.Heard("one"), Now.AddSeconds(20));
        back.FailuresSeen.ShouldBe(1);
        back.Outbox[^1].Failure.ShouldBeNull();
    }

    [Fact]
    public void A_node_that_others_slow_down_is_degraded_and_eases_when_they_are_gone()
    {
        var sight = Press(Beat(new NodeSight { WatchedSince = Now }, 1, 2), 0, new() { ForeignLoad = 0.5 }, pace: 0.4);
        NodeMachine.Judge(Alive(), sight, Now).ShouldBeNull();
        sight = Press(sight, 20, new() { ForeignLoad = 0.5 }, pace: 0.4);

        var judged = NodeMachine.Judge(Alive(), sight, Now.AddSeconds(20)).ShouldBeOfType<NodeInput.Degraded>();
        judged.Kind.ShouldBe(FailureKind.ResourceContention);
        var node = NodeMachine.Step(Alive(), judged, Now.AddSeconds(20));
        node.Condition.ShouldBe(NodeCondition.Degraded);
        node.Status.ShouldBe(NodeStatus.Alive);
        node.Outbox[^1].Failure!.Strategy.ShouldBe(RecoveryStrategy.Ignore);
        NodeMachine.Step(node, judged, Now.AddSeconds(25)).ShouldBeSameAs(node);
        NodeMachine.Judge(node, sight, Now.AddSeconds(20)).ShouldBeNull();

        sight = Press(sight, 30, new() { ForeignLoad = 0.02 }, pace: 1);
        NodeMachine.Judge(node, sight, Now.AddSeconds(60)).ShouldBeNull();
        NodeMachine.Judge(node, sight, Now.AddSeconds(90)).ShouldBeOfType<NodeInput.Eased>();
        var eased = NodeMachine.Step(node, new NodeInput.Eased(), Now.AddSeconds(90));
        eased.Condition.ShouldBe(NodeCondition.Sound);
        NodeMachine.Step(eased, new NodeInput.Eased(), Now.AddSeconds(90)).ShouldBeSameAs(eased);
    }

    [Fact]
    public void A_node_whose_storage_is_all_but_full_is_one_disk_full_failure_and_its_neighbour_is_none()
    {
        var full = Press(Beat(new NodeSight { WatchedSince = Now }, 1, 2), 0, new() { Memory = 0.3, Disk = 0.99 });
        var well = Press(Beat(new NodeSight { WatchedSince = Now }, 1, 2), 0, new() { Memory = 0.3, Disk = 0.2 });

        var node = NodeMachine.Step(Alive(), NodeMachine.Judge(Alive(), full, Now)!, Now);

        node.Outbox[^1].Failure!.Kind.ShouldBe(FailureKind.DiskFull);
        node.Outbox[^1].Failure!.Severity.ShouldBe(FailureSeverity.High);
        NodeMachine.Judge(Alive(), well, Now).ShouldBeNull();
        NodeMachine.Judge(node, well, Now).ShouldBeOfType<NodeInput.Eased>();
        NodeMachine.Judge(node with { Status = NodeStatus.Lost }, well, Now).ShouldBeNull();
    }

    [Fact]
    public void A_node_whose_memory_is_all_but_used_is_degraded() =>
        NodeMachine.Judge(Alive(), Press(Beat(new NodeSight { WatchedSince = Now }, 1, 2), 0, new() { Memory = 0.98 }), Now).ShouldBeOfType<NodeInput.Degraded>().Kind.ShouldBe(FailureKind.MemoryExhaustion);

    [Fact]
    public void Storage_that_does_not_answer_five_times_in_a_row_opens_a_breaker_and_one_answer_closes_it()
    {
        var hangs = new NodePressure { StorageWait = TimeSpan.FromSeconds(40) };
        var sight = Beat(new NodeSight { WatchedSince = Now }, 5, 2);
        for (var beat = 1; beat <= 4; beat++)
        {
            sight = Press(sight, 10 + (2 * beat), hangs);
            NodeMachine.Judge(Alive(), sight, Now.AddSeconds(10 + (2 * beat))).ShouldBeNull();
        }

        sight = Press(sight, 20, hangs);
        var node = NodeMachine.Step(Alive(), NodeMachine.Judge(Alive(), sight, Now.AddSeconds(20))!, Now.AddSeconds(20));

        node.Degraded.ShouldBe(FailureKind.StorageFailure);
        node.Status.ShouldBe(NodeStatus.Alive);
        node.DegradedReason.ShouldBe("its storage takes 40 s to write a few bytes durably");
        NodeMachine.Judge(node, sight, Now.AddMinutes(5)).ShouldBeNull();
        NodeMachine.Judge(node, Beat(new NodeSight { WatchedSince = Now.AddMinutes(5) }, 1, 400), Now.AddMinutes(7)).ShouldBeNull();
        NodeMachine.Judge(node, Press(sight, 22, new() { StorageWait = TimeSpan.FromMilliseconds(3) }), Now.AddSeconds(22)).ShouldBeOfType<NodeInput.Eased>();
    }

    [Fact]
    public void Storage_that_refuses_says_why()
    {
        var refuses = new NodePressure { StorageWait = TimeSpan.Zero, StorageFault = "its storage takes nothing: Input/output error" };
        var sight = Enumerable.Range(1, 5).Aggregate(Beat(new NodeSight { WatchedSince = Now }, 1, 2), (each, beat) => Press(each, 2 + (2 * beat), refuses));

        NodeMachine.Judge(Alive(), sight, Now.AddSeconds(12)).ShouldBeOfType<NodeInput.Degraded>().Reason.ShouldBe("its storage takes nothing: Input/output error");
    }

    [Fact]
    public void Silence_of_what_runs_says_something_only_while_the_node_is_in_sight_and_its_storage_answers()
    {
        var policy = new NodePolicy();
        var sight = Beat(new NodeSight { WatchedSince = Now }, 5, 2);
        NodeMachine.Unclear(Alive(), sight, policy, Now.AddSeconds(11)).ShouldBeNull();
        NodeMachine.Unclear(Alive(), sight, policy, Now.AddSeconds(21)).ShouldBe("n-1 was last heard of 11.0 s ago");
        NodeMachine.Unclear(Alive(), new NodeSight { WatchedSince = Now }, policy, Now.AddSeconds(1)).ShouldBe("n-1 is not in sight");

        var back = Hear(sight, Now.AddSeconds(30));
        NodeMachine.Unclear(Alive(), back, policy, Now.AddSeconds(31)).ShouldBe("n-1 has only just come into sight");
        NodeMachine.Unclear(Alive(), Beat(back, 2, 2), policy, Now.AddSeconds(34)).ShouldBeNull();

        var hangs = Press(sight, 12, new() { StorageWait = TimeSpan.FromSeconds(11) });
        NodeMachine.Unclear(Alive(), hangs, policy, Now.AddSeconds(12)).ShouldBe("the storage of n-1 does not answer");
    }

    [Fact]
    public void The_last_event_of_a_full_outbox_is_not_sent_before_there_is_room_since_it_may_yet_be_another()
    {
        var node = Enumerable.Range(0, 200).Aggregate(Alive(), Flap);
        var sent = NodeMachine.Owed(node, new()).OfType<NodeEffect.Publish>().ShouldHaveSingleItem().Events;

        sent[^1].Sequence.ShouldBe(node.EventSequence - 1);
        NodeMachine.Step(node, new NodeInput.FellSilent(Now), Now.AddDays(1)).Outbox[..^1].ShouldBe(sent);
        var room = NodeMachine.Step(node, new NodeInput.Logged(sent[^1].Sequence), Now.AddDays(1));
        NodeMachine.Owed(room, new()).OfType<NodeEffect.Publish>().ShouldHaveSingleItem().Events.ShouldHaveSingleItem().Sequence.ShouldBe(node.EventSequence);
    }

    private static NodeState Alive() => NodeMachine.Step(new NodeState(), new NodeInput.Registered { Node = new NodeId("n-1"), Cluster = new ClusterId("k-main"), Instance = "one" }, Now);

    [Fact]
    public void A_node_that_its_site_finds_unfit_gets_no_new_work_until_the_check_passes()
    {
        var unfit = Press(Beat(new NodeSight { WatchedSince = Now }, 1, 2), 0, new() { HealthFault = "its health check says: /scratch is not mounted" });

        var node = NodeMachine.Step(Alive(), NodeMachine.Judge(Alive(), unfit, Now)!, Now);

        node.Condition.ShouldBe(NodeCondition.Degraded);
        node.DegradedReason.ShouldBe("its health check says: /scratch is not mounted");
        NodeMachine.Judge(node, unfit, Now.AddHours(1)).ShouldBeNull();
        NodeMachine.Judge(node, Press(unfit, 300, new()), Now.AddSeconds(300)).ShouldBeOfType<NodeInput.Eased>();
    }

    private static NodeState Flap(NodeState node, int minute)
    {
        var at = Now.AddMinutes(minute);
        return NodeMachine.Step(NodeMachine.Step(node, new NodeInput.FellSilent(at), at.AddSeconds(15)), new NodeInput.Heard("one"), at.AddSeconds(40));
    }

    private static NodeSight Beat(NodeSight sight, int count, double seconds) => Enumerable.Range(0, count).Aggregate(sight, (each, _) => Hear(each, (each.HeardAt ?? Now).AddSeconds(seconds)));

    private static NodeSight Hear(NodeSight sight, DateTimeOffset at) => NodeMachine.Hear(sight, [], 0, 0, 0, at);

    private static NodeSight Press(NodeSight sight, int second, NodePressure pressure, double? pace = null) =>
        NodeMachine.Hear(sight, [new() { Attempt = new(new SimulationId("s-1"), "a", 1), HasProcesses = true, Pace = pace }], 0, 0, 0, Now.AddSeconds(second), pressure);
}
