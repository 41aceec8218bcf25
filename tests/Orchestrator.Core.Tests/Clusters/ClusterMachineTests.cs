using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using static Orchestrator.Core.Tests.Clusters.ClusterStory;

namespace Orchestrator.Core.Tests.Clusters;

public sealed class ClusterMachineTests
{
    [Fact]
    public void Who_leaves_the_queue_or_gives_back_what_he_holds_has_the_rest_planned_at_once()
    {
        var story = With(nodes: 1);
        story.Granted(1, cores: 3);
        story.Request(2, cores: 4);
        story.Request(3, cores: 4);
        story.Plan();
        story.Duties.Owed(story.State).ShouldNotContain(static effect => effect is ClusterEffect.Plan);

        story.Release(2);
        story.Duties.Owed(story.State).ShouldContain(static effect => effect is ClusterEffect.Plan, "others may have waited behind its place");
        story.Plan();

        story.Release(1);
        story.Duties.Owed(story.State).ShouldContain(static effect => effect is ClusterEffect.Plan, "its licences and its budget are free before its nodes are");
    }

    [Fact]
    public void A_request_waits_until_a_plan_grants_it()
    {
        var story = With(nodes: 1);

        story.Request(1).State.ShouldBe(LeaseState.Queued);
        story.Plan();

        story.Status(1).State.ShouldBe(LeaseState.Granted);
        story.Status(1).Shares.ShouldHaveSingleItem().Node.ShouldBe(Node(1));
        story.Wanted(1).ShouldBe([Attempt(1)]);
    }

    [Fact]
    public void A_gang_gets_all_of_its_nodes_or_none_and_the_first_is_the_leads()
    {
        var story = With(nodes: 2);
        story.Request(1, nodes: 3);
        story.Plan();

        story.Status(1).State.ShouldBe(LeaseState.Queued);
        story.Status(1).Reason!.ToString().ShouldBe("never fits, the cluster has too few nodes: 2 of 3 nodes");
        story.See(3);
        story.Plan();

        story.Status(1).Shares.Select(share => share.Node).ShouldBe([Node(1), Node(2), Node(3)]);
        ClusterMachine.WantedOf(story.State, Node(1)).Single().IsLead.ShouldBeTrue();
        ClusterMachine.WantedOf(story.State, Node(3)).Single().IsLead.ShouldBeFalse();
    }

    [Fact]
    public void A_repeated_request_changes_nothing_and_an_older_epoch_is_unknown()
    {
        var story = With(nodes: 1);
        story.Granted(1);
        var version = story.State.Version;

        story.Request(1).State.ShouldBe(LeaseState.Granted);
        story.Request(1, epoch: 3).State.ShouldBe(LeaseState.Queued);
        story.Request(1, epoch: 2).State.ShouldBe(LeaseState.Unknown);

        story.State.Version.ShouldBe(version + 2);
        story.Status(1, epoch: 1).State.ShouldBe(LeaseState.Unknown);
    }

    [Fact]
    public void A_released_attempt_is_not_let_in_again()
    {
        var story = With(nodes: 1);
        story.Granted(1);
        story.Release(1);
        story.CarryOut(1);

        story.Request(1).State.ShouldBe(LeaseState.Unknown);
        story.State.Leases.ShouldBeEmpty();
    }

    [Fact]
    public void Released_cores_are_free_only_when_the_agent_says_that_no_process_is_left()
    {
        var story = With(nodes: 1);
        story.Granted(1, cores: 4);
        var granted = story.State.Version;
        story.Release(1);
        story.Request(2, cores: 4);
        story.Wanted(1).ShouldBeEmpty();

        story.See(1, done: granted);
        story.See(1, done: story.State.Version, running: [Attempt(1)]);
        story.Plan();
        story.Status(2).State.ShouldBe(LeaseState.Queued);
        story.See(1, done: story.State.Version);
        story.Plan();

        story.Status(2).State.ShouldBe(LeaseState.Granted);
    }

    [Fact]
    public void A_gang_that_loses_a_node_is_lost_as_a_whole_and_wanted_nowhere()
    {
        var story = With(nodes: 2);
        story.Granted(1, nodes: 2);

        story.See(2, NodeStatus.Lost);

        story.Status(1).State.ShouldBe(LeaseState.Lost);
        story.Status(1).LostNode.ShouldBe(Node(2));
        story.Status(1).SeenDead.ShouldBeFalse();
        story.Wanted(1).ShouldBeEmpty();
        story.Wanted(2).ShouldBeEmpty();
    }

    [Fact]
    public void A_lost_lease_is_seen_dead_once_every_node_says_so_or_is_dead()
    {
        var story = With(nodes: 2);
        story.Granted(1, nodes: 2);
        story.See(2, NodeStatus.Lost);

        story.CarryOut(1);
        story.Status(1).SeenDead.ShouldBeFalse();
        story.See(2, NodeStatus.SeenDead);

        story.Status(1).SeenDead.ShouldBeTrue();
        story.Duties.Nudges.ShouldContainKey(Attempt(1).Simulation);
    }

    [Fact]
    public void A_node_that_comes_back_with_old_processes_gets_nothing_in_their_place_until_they_are_gone()
    {
        var story = With(nodes: 1);
        story.Granted(1, cores: 4);
        story.See(1, NodeStatus.Lost);
        story.Release(1);
        story.Request(1, cores: 4, epoch: 2);

        story.See(1, running: [Attempt(1)]);
        story.Plan();
        story.Status(1, epoch: 2).State.ShouldBe(LeaseState.Queued);
        story.CarryOut(1);
        story.Plan();

        story.Status(1, epoch: 2).State.ShouldBe(LeaseState.Granted);
    }

    [Fact]
    public void A_rebooted_node_has_lost_what_it_ran_and_is_free_once_its_new_agent_says_so()
    {
        var story = With(nodes: 0);
        story.See(1, boot: "a");
        story.Granted(1);

        story.See(1, boot: "b");
        story.Status(1).State.ShouldBe(LeaseState.Lost);
        story.Status(1).SeenDead.ShouldBeFalse("the new agent may have started it before anybody noticed the reboot");
        story.See(1, boot: "b", done: story.State.Version, running: [ClusterStory.Attempt(1)]);
        story.Status(1).SeenDead.ShouldBeFalse();
        story.See(1, boot: "b", done: story.State.Version);

        story.Status(1).SeenDead.ShouldBeTrue();
    }

    [Fact]
    public void A_node_that_is_not_seen_keeps_its_leases_and_gets_nothing_new()
    {
        var story = With(nodes: 1);
        story.Granted(1);

        story.See(1, NodeStatus.NotSeen);
        story.Request(2);
        story.Plan();

        story.Status(1).State.ShouldBe(LeaseState.Granted);
        story.Status(2).Reason!.Constraint.ShouldBe(PlacementConstraint.Alive);
    }

    [Fact]
    public void A_drained_node_asks_what_it_runs_to_leave_in_its_grace_and_gets_nothing_new()
    {
        var story = With(nodes: 1);
        story.Granted(1);

        story.See(1, drain: NodeVerb.Drain);
        story.Request(2);
        story.Plan();

        story.Status(1).Stop.ShouldBe(StopReason.Drain);
        ClusterMachine.WantedOf(story.State, Node(1)).Single().Order.StopBy.ShouldBe(story.Now.AddSeconds(20));
        story.Status(2).Reason!.Constraint.ShouldBe(PlacementConstraint.NotDraining);
    }

    [Fact]
    public void A_node_that_drains_when_idle_lets_what_runs_go_on()
    {
        var story = With(nodes: 1);
        story.Granted(1);

        story.See(1, drain: NodeVerb.DrainWhenIdle);

        story.Status(1).Stop.ShouldBe(StopReason.Absent);
    }

    [Fact]
    public void Of_orders_the_newest_checkpoint_and_the_earliest_stop_count()
    {
        var story = With(nodes: 1);
        story.Granted(1);

        story.Order(1, checkpoint: 2);
        story.Order(1, checkpoint: 1, stopBy: story.Now.AddMinutes(2), reason: StopReason.Pause);
        story.Order(1, stopBy: story.Now.AddMinutes(1), reason: StopReason.Cancel);
        var version = story.State.Version;
        story.Order(1, checkpoint: 2, stopBy: story.Now.AddMinutes(3), reason: StopReason.Pause);

        story.State.Version.ShouldBe(version);
        ClusterMachine.WantedOf(story.State, Node(1)).Single().Order.ShouldBe(new()
        {
            Attempt = Attempt(1), Checkpoint = 2, StopBy = story.Now.AddMinutes(1), Reason = StopReason.Cancel,
        });
    }

    [Fact]
    public void A_node_takes_only_work_of_its_user()
    {
        var story = With(nodes: 0);
        story.See(1, user: "ada");
        story.Request(1, user: "bob");
        story.Request(2, user: "ada");
        story.Plan();

        story.Status(1).Reason!.Constraint.ShouldBe(PlacementConstraint.User);
        story.Status(2).State.ShouldBe(LeaseState.Granted);
    }

    [Fact]
    public void A_plan_that_was_overtaken_grants_only_what_still_fits()
    {
        var story = With(nodes: 2);
        story.Request(1, cores: 4);
        story.Request(2, cores: 4);
        var snapshot = story.State;
        story.See(1, drain: NodeVerb.Drain);
        story.Release(2);

        story.Plan(snapshot);

        story.Status(1).State.ShouldBe(LeaseState.Queued);
        story.Status(2).State.ShouldBe(LeaseState.Unknown);
        story.Duties.Owed(story.State).OfType<ClusterEffect.Plan>().ShouldHaveSingleItem();
    }

    [Fact]
    public void An_observation_that_was_overtaken_by_a_newer_one_changes_nothing()
    {
        var story = With(nodes: 1);
        story.Granted(1);
        var old = story.Observation(1);
        story.See(1, NodeStatus.Lost);

        story.Step(new ClusterInput.Observed(old)).ShouldBeEmpty();
    }

    [Fact]
    public void One_of_four_nodes_that_falls_silent_is_lost_as_soon_as_all_were_looked_at()
    {
        var story = With(nodes: 4);
        story.Granted(1, nodes: 4);

        story.See(4, NodeStatus.Lost);
        story.Status(1).State.ShouldBe(LeaseState.Granted);
        ClusterMachine.NeedsSurvey(story.State, story.Policy).ShouldBeTrue();
        story.Survey(story.Observation(1), story.Observation(2), story.Observation(3), story.Observation(4, NodeStatus.Lost));

        story.Status(1).State.ShouldBe(LeaseState.Lost);
    }

    [Fact]
    public void While_most_nodes_are_silent_together_no_lease_is_given_up_for_two_windows()
    {
        var story = With(nodes: 4);
        story.Granted(1);
        var silentSince = story.Now;
        story.Pass(story.Policy.DetectionWindow);
        NodeObservation[] Silent() =>
        [
            story.Observation(1, NodeStatus.Lost, lastSeen: silentSince), story.Observation(2, lastSeen: silentSince), story.Observation(3, lastSeen: silentSince),
            story.Observation(4),
        ];

        story.Survey(Silent());
        story.Status(1).State.ShouldBe(LeaseState.Granted);
        story.State.LossesHeldSince.ShouldBe(story.Now);
        story.Pass(1.9 * story.Policy.DetectionWindow);
        story.Survey(Silent());
        story.Status(1).State.ShouldBe(LeaseState.Granted);
        story.Pass(0.2 * story.Policy.DetectionWindow);
        story.Survey(Silent());

        story.Status(1).State.ShouldBe(LeaseState.Lost);
    }

    [Fact]
    public void Losses_held_back_when_the_silo_went_down_are_held_two_windows_more_once_it_is_up_again()
    {
        var story = With(nodes: 3);
        story.Granted(1);
        var silentSince = story.Now;
        story.Pass(story.Policy.DetectionWindow);
        NodeObservation[] Lost() => [.. Enumerable.Range(1, 3).Select(number => story.Observation(number, NodeStatus.Lost, lastSeen: silentSince))];
        story.Survey(Lost());
        story.Pass(TimeSpan.FromMinutes(5));
        story.WatchedSince = story.Now;

        story.Survey(Lost());
        story.Status(1).State.ShouldBe(LeaseState.Granted, "nobody could have heard of them");
        story.Pass(1.9 * story.Policy.DetectionWindow);
        story.Survey(Lost());
        story.Status(1).State.ShouldBe(LeaseState.Granted);
        story.Pass(0.2 * story.Policy.DetectionWindow);
        story.Survey(Lost());

        story.Status(1).State.ShouldBe(LeaseState.Lost);
    }

    [Fact]
    public void The_kind_of_the_newest_checkpoint_order_reaches_the_node()
    {
        var story = With(nodes: 1);
        story.Granted(1);
        void Order(long number, CheckpointKind kind) => story.Step(new ClusterInput.Ordered(new() { Attempt = Attempt(1), Checkpoint = number, CheckpointKind = kind }));
        LeaseOrder Wanted() => ClusterMachine.WantedOf(story.State, Node(1)).Single().Order;

        Order(1, CheckpointKind.CriticalState);
        Wanted().CheckpointKind.ShouldBe(CheckpointKind.CriticalState);
        story.Order(1, stopBy: story.Now.AddMinutes(3), reason: StopReason.Pause);
        Wanted().CheckpointKind.ShouldBe(CheckpointKind.CriticalState, "a stop asks for no other checkpoint");
        Order(2, CheckpointKind.Full);
        Wanted().CheckpointKind.ShouldBe(CheckpointKind.Full);
        Order(1, CheckpointKind.CriticalState);

        Wanted().ShouldSatisfyAllConditions(order => order.Checkpoint.ShouldBe(2), order => order.CheckpointKind.ShouldBe(CheckpointKind.Full));
    }

    [Fact]
    public void The_newest_preview_order_reaches_the_node_beside_what_else_is_asked()
    {
        var story = With(nodes: 1);
        story.Granted(1);
        void Order(long number, int level) => story.Step(new ClusterInput.Ordered(new() { Attempt = Attempt(1), Preview = number, PreviewLevel = level }));
        LeaseOrder Wanted() => ClusterMachine.WantedOf(story.State, Node(1)).Single().Order;

        Order(1, 25);
        story.Order(1, checkpoint: 3);
        Wanted().ShouldSatisfyAllConditions(order => order.Preview.ShouldBe(1), order => order.PreviewLevel.ShouldBe(25), order => order.Checkpoint.ShouldBe(3));
        Order(2, 50);
        Order(1, 25);

        Wanted().ShouldSatisfyAllConditions(order => order.Preview.ShouldBe(2), order => order.PreviewLevel.ShouldBe(50), order => order.Checkpoint.ShouldBe(3));
    }

    [Fact]
    public void When_nodes_are_heard_again_the_losses_held_back_are_forgotten()
    {
        var story = With(nodes: 3);
        story.Granted(1);
        var silentSince = story.Now;
        story.Pass(story.Policy.DetectionWindow);
        story.Survey(story.Observation(1, NodeStatus.Lost, lastSeen: silentSince), story.Observation(2, NodeStatus.Lost, lastSeen: silentSince), story.Observation(3, lastSeen: silentSince));

        story.Survey(story.Observation(1), story.Observation(2), story.Observation(3));

        story.State.LossesHeldSince.ShouldBeNull();
        story.Status(1).State.ShouldBe(LeaseState.Granted);
    }

    [Fact]
    public void What_is_long_over_is_forgotten()
    {
        var story = With(nodes: 2);
        story.Granted(1);
        story.Release(1);
        story.See(1, NodeStatus.SeenDead);
        story.Pass(TimeSpan.FromHours(1));
        story.Step(new ClusterInput.Tidied());
        story.State.Epochs.ShouldBeEmpty();
        story.Pass(TimeSpan.FromDays(7));
        story.Step(new ClusterInput.Tidied());

        story.State.Nodes.Keys.ShouldBe(["n-2"]);
        story.Step(new ClusterInput.Tidied()).ShouldBeEmpty();
    }

    [Theory, InlineData(true), InlineData(false)]
    public void What_may_still_write_shared_paths_is_never_forgotten_before_it_was_seen_dead(bool shared)
    {
        var story = With(nodes: 2);
        story.Step(new ClusterInput.Requested(story.RequestOf(1) with { WritesSharedPaths = shared }));
        story.Plan();
        var node = story.Status(1).Shares[0].Node;
        var number = node == Node(1) ? 1 : 2;
        story.See(number, NodeStatus.Lost);
        story.Release(1);
        story.Status(1).IsGone.ShouldBeFalse("it is out of sight, and nobody saw it end");

        story.Pass(TimeSpan.FromDays(30));
        story.Step(new ClusterInput.Tidied());
        story.Status(1).IsGone.ShouldBe(!shared);

        story.See(number, NodeStatus.SeenDead);
        story.Pass(TimeSpan.FromDays(8));
        story.Step(new ClusterInput.Tidied());
        story.Status(1).IsGone.ShouldBeTrue();
    }

    [Fact]
    public void The_queue_is_considered_by_priority_and_then_by_submission()
    {
        var story = With(nodes: 0);
        story.Request(2);
        story.Request(1);
        story.Step(new ClusterInput.Requested(story.RequestOf(3) with { Priority = PriorityClass.High }));

        ClusterMachine.QueueOf(story.State).Select(status => status.Attempt).ShouldBe([Attempt(3), Attempt(1), Attempt(2)]);
        story.Status(2).Ahead.ShouldBe(2);
    }

    [Fact]
    public void The_ledger_read_again_gives_the_same_state()
    {
        var story = With(nodes: 3);
        story.Granted(1, nodes: 3);
        story.Request(2, cores: 99);
        story.Plan();
        story.Order(1, checkpoint: 1);
        story.Release(1);
        story.CarryOut(2);

        var again = story.Ledger.Aggregate(new ClusterState(), (state, entry) => ClusterMachine.Apply(state, entry.Fact, entry.At));

        System.Text.Json.JsonSerializer.Serialize(again.Leases["s-1/run@1"]).ShouldBe(System.Text.Json.JsonSerializer.Serialize(story.State.Leases["s-1/run@1"]));
        again.Version.ShouldBe(story.State.Version);
        again.Queue.Keys.ShouldBe(story.State.Queue.Keys, ignoreOrder: true);
    }

    [Fact]
    public void After_a_restart_everything_is_owed_once()
    {
        var story = With(nodes: 2);
        story.Granted(1);
        story.Request(2, cores: 99);

        var owed = ClusterDuties.All(story.State).Owed(story.State);

        owed.OfType<ClusterEffect.SetWanted>().Select(wanted => wanted.Node).ShouldBe([Node(1), Node(2)]);
        owed.OfType<ClusterEffect.Nudge>().ShouldHaveSingleItem().Simulation.ShouldBe(Attempt(1).Simulation);
        owed.OfType<ClusterEffect.Survey>().ShouldHaveSingleItem().Nodes.Length.ShouldBe(2);
        owed.OfType<ClusterEffect.Plan>().ShouldHaveSingleItem();
    }

    [Fact]
    public void A_duty_that_is_owed_again_while_it_is_done_stays_owed()
    {
        var duties = new ClusterDuties().Look(Node(1));
        var ticket = duties.Pulls[Node(1)];

        duties.Look(Node(1)).Pulled(Node(1), ticket).Pulls.ShouldContainKey(Node(1));
        duties.Pulled(Node(1), ticket).Pulls.ShouldBeEmpty();
    }

    [Fact]
    public void A_node_that_knows_other_leases_than_it_is_to_hold_is_told_again()
    {
        var story = With(nodes: 1);
        story.Granted(1);

        new ClusterDuties().Compare(story.State, story.Observation(1)).Wanted.ShouldContainKey(Node(1));
        new ClusterDuties().Compare(story.State, story.Observation(1) with { Wanted = [Attempt(1)] }).Wanted.ShouldBeEmpty();
    }
}
