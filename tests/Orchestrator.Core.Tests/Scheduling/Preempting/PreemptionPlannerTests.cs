using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Preempting;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;
using static Orchestrator.Core.Tests.Scheduling.Preempting.Stage;

namespace Orchestrator.Core.Tests.Scheduling.Preempting;

public sealed class PreemptionPlannerTests
{
    private static readonly DateTimeOffset Now = Make.Now;

    [Fact]
    public void Critical_work_has_the_low_one_make_way_and_not_the_high_one()
    {
        var order = Of(2, Lease(1, PriorityClass.Low, 1), Lease(2, PriorityClass.High, 2)).Waiting(Wants(9, PriorityClass.Critical)).Choose().ShouldHaveSingleItem();

        order.Victim.ShouldBe(Make.Attempt(1));
        order.For.ShouldBe(Make.Attempt(9).ToString());
        order.Trigger.ShouldBe(PreemptionTrigger.HigherPriority);
        order.Action.ShouldBe(PreemptionAction.CheckpointAndStop);
        order.StopBy.ShouldBe(Now.AddMinutes(5));
        order.Cost.ShouldBe(TimeSpan.FromHours(1));
        order.Relocation.ShouldBeFalse();
        order.Reason.ShouldContain("higher class");
    }

    [Theory]
    [InlineData(PriorityClass.Critical, true)]
    [InlineData(PriorityClass.High, true)]
    [InlineData(PriorityClass.Medium, false)]
    [InlineData(PriorityClass.Low, false)]
    public void Running_medium_work_makes_way_for_higher_classes_only(PriorityClass waiting, bool makesWay) =>
        Of(1, Lease(1, PriorityClass.Medium, 1)).Waiting(Wants(9, waiting)).Victims().Length.ShouldBe(makesWay ? 1 : 0);

    [Fact]
    public void Work_that_is_not_preemptible_never_makes_way() =>
        Of(1, Lease(1, PriorityClass.Low, 1) with { Preemptible = false }).Waiting(Wants(9, PriorityClass.Critical)).Victims().ShouldBeEmpty();

    [Fact]
    public void Protected_work_never_makes_way_for_waiting_work_unless_its_account_protects_more_than_it_may()
    {
        var stage = Of(2, Lease(1, PriorityClass.Low, 1) with { Protected = true }, Lease(2, PriorityClass.Low, 2) with { Protected = true, StartedAt = Now.AddHours(-3) }).Waiting(Wants(9, PriorityClass.Critical));

        stage.Victims().ShouldBeEmpty();
        (stage with { Settings = new() { Protection = new() { AccountPart = 0.5 } } }).Victims().ShouldBe([Make.Attempt(1)]);
    }

    [Fact]
    public void The_least_work_is_lost_by_cores_and_time_since_the_last_checkpoint_and_restart()
    {
        var dear = Lease(1, PriorityClass.Low, 1) with { CheckpointedAt = null };
        var cheap = Lease(2, PriorityClass.Low, 2) with { CheckpointedAt = Now.AddMinutes(-50) };
        var slow = Lease(3, PriorityClass.Low, 3) with { CheckpointedAt = Now.AddMinutes(-40), RestartCost = TimeSpan.FromMinutes(30) };

        Of(3, dear, cheap, slow).Waiting(Wants(9, PriorityClass.High)).Victims().ShouldBe([Make.Attempt(2)]);
    }

    [Theory]
    [InlineData(PriorityClass.High, 4, true)]
    [InlineData(PriorityClass.High, 2, false)]
    [InlineData(PriorityClass.Critical, 2, true)]
    public void Nobody_makes_way_where_more_is_lost_than_is_going_to_be_done(PriorityClass waiting, int hours, bool makesWay)
    {
        var dear = Lease(1, PriorityClass.Low, 1) with { StartedAt = Now.AddHours(-3), CheckpointedAt = null, CanCheckpoint = false, RestartCost = TimeSpan.Zero };

        Of(1, dear).Waiting(Wants(9, waiting) with { DurationEstimate = TimeSpan.FromHours(hours) }).Victims().Length.ShouldBe(makesWay ? 1 : 0);
    }

    [Fact]
    public void Only_as_many_make_way_as_are_needed()
    {
        var small = Enumerable.Range(1, 4).Select(core => Lease(core, PriorityClass.Low, 1) with { Shares = [new() { Node = Make.Id(1), Cores = [core - 1] }], CheckpointedAt = Now.AddMinutes(-core) }).ToArray();

        Of(1, small).Waiting(Wants(9, PriorityClass.High, cores: 2)).Victims().ShouldBe([Make.Attempt(1), Make.Attempt(2)]);
    }

    [Fact]
    public void A_gang_gets_all_of_its_nodes_or_nobody_makes_way()
    {
        var stage = Of(3, Lease(1, PriorityClass.Low, 1), Lease(2, PriorityClass.Low, 2), Lease(3, PriorityClass.Critical, 3));

        stage.Waiting(Wants(9, PriorityClass.High, nodes: 2)).Victims().ShouldBe([Make.Attempt(1), Make.Attempt(2)]);
        stage.Waiting(Wants(9, PriorityClass.High, nodes: 3)).Victims().ShouldBeEmpty();
    }

    [Fact]
    public void Who_holds_several_nodes_is_rather_asked_than_several_others()
    {
        var wide = Lease(1, PriorityClass.Low, 1, 2) with { CheckpointedAt = Now.AddMinutes(-10) };

        Of(4, wide, Lease(2, PriorityClass.Low, 3), Lease(3, PriorityClass.Low, 4)).Waiting(Wants(9, PriorityClass.High, nodes: 2)).Victims().ShouldBe([Make.Attempt(1)]);
    }

    [Fact]
    public void What_started_less_than_an_hour_ago_has_its_quantum() =>
        Of(1, Lease(1, PriorityClass.Low, 1) with { StartedAt = Now.AddMinutes(-59) }).Waiting(Wants(9, PriorityClass.Critical)).Victims().ShouldBeEmpty();

    [Fact]
    public void Who_was_preempted_within_six_hours_is_left_alone()
    {
        var stage = Of(1, Lease(1, PriorityClass.Low, 1) with { Preempted = [Now.AddHours(-5.9)] }).Waiting(Wants(9, PriorityClass.Critical));

        stage.Victims().ShouldBeEmpty();
        stage.Victims(Now.AddHours(0.2)).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(PriorityClass.Background, 8)]
    [InlineData(PriorityClass.Low, 4)]
    [InlineData(PriorityClass.Medium, 2)]
    [InlineData(PriorityClass.High, 1)]
    public void A_class_makes_way_so_often_a_day_and_no_more(PriorityClass priority, int cap)
    {
        var lease = Lease(1, priority, 1);
        var settings = new PreemptionSettings();

        VictimRules.Refusal(lease with { Preempted = [.. Enumerable.Repeat(Now.AddHours(-7), cap - 1)] }, false, settings, Now).ShouldBe(VictimRefusal.Absent);
        VictimRules.Refusal(lease with { Preempted = [.. Enumerable.Repeat(Now.AddHours(-7), cap)] }, false, settings, Now).ShouldBe(VictimRefusal.Cap);
        VictimRules.Refusal(lease with { Preempted = [.. Enumerable.Repeat(Now.AddHours(-24), cap)] }, false, settings, Now).ShouldBe(VictimRefusal.Absent);
    }

    [Fact]
    public void Background_work_with_ten_preemptions_today_is_not_preemptible_and_work_of_no_known_class_with_two_is()
    {
        var settings = new PreemptionSettings();

        VictimRules.Refusal(Lease(1, PriorityClass.Background, 1) with { Preempted = [.. Enumerable.Repeat(Now.AddHours(-7), 10)] }, false, settings, Now).ShouldBe(VictimRefusal.Cap);
        VictimRules.Refusal(Lease(1, PriorityClass.Absent, 1) with { Preempted = [.. Enumerable.Repeat(Now.AddHours(-7), 2)] }, false, settings, Now).ShouldBe(VictimRefusal.Absent);
        VictimRules.Refusal(Lease(1, PriorityClass.Critical, 1), false, settings, Now).ShouldBe(VictimRefusal.Cap);
    }

    [Fact]
    public void Who_waits_a_short_while_has_nobody_make_way_unless_its_deadline_is_at_risk()
    {
        var fresh = Wants(9, PriorityClass.High) with { QueuedSince = Now, DurationEstimate = TimeSpan.FromHours(6) };
        var stage = Of(1, Lease(1, PriorityClass.Medium, 1));

        stage.Waiting(fresh).Victims().ShouldBeEmpty();
        stage.Waiting(fresh with { Deadline = Now.AddDays(2) }).Because(9, Reason(Now.AddHours(1))).Victims().ShouldBeEmpty();
        var order = stage.Waiting(fresh with { Deadline = Now.AddHours(8) }).Choose().ShouldHaveSingleItem();
        (order.Trigger, order.Action).ShouldBe((PreemptionTrigger.Deadline, PreemptionAction.Cancel));
    }

    [Fact]
    public void Nobody_makes_way_for_work_that_has_a_place_by_then() =>
        Of(1, Lease(1, PriorityClass.Low, 1)).Waiting(Wants(9, PriorityClass.High)).Because(9, Reason(Now.AddMinutes(4))).Victims().ShouldBeEmpty();

    [Theory]
    [InlineData(PlacementConstraint.Budget)]
    [InlineData(PlacementConstraint.Hook)]
    [InlineData(PlacementConstraint.Cores)]
    [InlineData(PlacementConstraint.Energy)]
    public void Nobody_makes_way_for_work_that_waits_for_something_else(PlacementConstraint constraint) =>
        Of(1, Lease(1, PriorityClass.Low, 1)).Waiting(Wants(9, PriorityClass.High)).Because(9, new() { Constraint = constraint }).Victims().ShouldBeEmpty();

    [Fact]
    public void Nobody_makes_way_for_work_that_would_not_start_on_these_nodes()
    {
        var stage = Of(1, Lease(1, PriorityClass.Low, 1)).Waiting(Wants(9, PriorityClass.High) with { DurationEstimate = TimeSpan.FromHours(4) });

        stage.With(new MaintenanceWindow { Id = "w", Start = Now.AddHours(2), End = Now.AddHours(3) }).Choose().ShouldBeEmpty();
        stage.With(new Reservation { Id = "r", State = ReservationState.Confirmed, Start = Now.AddHours(2), End = Now.AddHours(3), Allocations = [new() { Node = Make.Id(1) }] }).Choose().ShouldBeEmpty();
        (stage with { Machine = [stage.Machine[0] with { AllocationEnd = Now.AddHours(3) }] }).Victims().ShouldBeEmpty();
        (stage with { Machine = [stage.Machine[0] with { Draining = true }] }).Victims().ShouldBeEmpty();
        (stage with { Machine = [stage.Machine[0] with { NotSeen = true }] }).Victims().ShouldBeEmpty();
        stage.Waiting(Wants(9, PriorityClass.High) with { Avoid = [Make.Id(1)] }).Victims().ShouldBeEmpty();
        stage.Victims().ShouldHaveSingleItem();
    }

    [Fact]
    public void Who_is_on_its_way_is_waited_for_and_nobody_else_is_asked()
    {
        var leaving = Lease(1, PriorityClass.Low, 1) with { StopBy = Now.AddMinutes(3) };
        var stage = Of(2, leaving, Lease(2, PriorityClass.Low, 2));

        stage.Waiting(Wants(9, PriorityClass.High)).Victims().ShouldBeEmpty();
        stage.Waiting(Wants(9, PriorityClass.High), Wants(10, PriorityClass.High)).Victims().ShouldBe([Make.Attempt(2)]);
    }

    [Fact]
    public void A_stuck_victim_blocks_nobody_and_its_node_is_not_counted_on()
    {
        var stuck = Lease(1, PriorityClass.Low, 1) with { StopBy = Now.AddMinutes(-6) };

        Of(2, stuck, Lease(2, PriorityClass.Low, 2)).Waiting(Wants(9, PriorityClass.High)).Victims().ShouldBe([Make.Attempt(2)]);
        Of(2, stuck, Lease(2, PriorityClass.Low, 2)).Waiting(Wants(9, PriorityClass.High, nodes: 2)).Victims().ShouldBeEmpty();
    }

    [Fact]
    public void No_room_is_made_that_somebody_ahead_would_take()
    {
        var stage = Of(2, Lease(1, PriorityClass.Low, 1)) with { Machine = [Make.Node(1), Make.Node(2)] };
        var ahead = Wants(8, PriorityClass.Low, nodes: 2);

        // The one ahead needs both nodes and may have nobody make way: of what the second one frees it would start.
        stage.Waiting(ahead, Wants(9, PriorityClass.Critical) with { Avoid = [Make.Id(2)] }).Victims().ShouldBeEmpty();
        stage.Waiting(Wants(9, PriorityClass.Critical) with { Avoid = [Make.Id(2)] }, ahead).Victims().ShouldHaveSingleItem();
    }

    [Fact]
    public void Work_behind_must_be_done_before_the_place_in_time_of_who_waits_ahead()
    {
        var stage = Of(2, Lease(1, PriorityClass.Low, 1), Lease(2, PriorityClass.High, 2));
        var ahead = Wants(8, PriorityClass.High, nodes: 2);
        var behind = Wants(9, PriorityClass.High) with { DurationEstimate = TimeSpan.FromHours(2) };

        stage.Waiting(ahead, behind).Because(8, Reason(Now.AddHours(1))).Victims().ShouldBeEmpty();
        stage.Waiting(ahead, behind).Because(8, Reason(Now.AddHours(3))).Victims().ShouldBe([Make.Attempt(1)]);
    }

    [Fact]
    public void What_the_plan_starts_takes_its_room_first()
    {
        var stage = Of(2, Lease(1, PriorityClass.Low, 1)).Waiting(Wants(9, PriorityClass.High));
        var start = new Placement { Attempt = Make.Attempt(7), Shares = [new() { Node = Make.Id(2), Cores = [0, 1, 2, 3] }] };

        stage.Choose(Now, start).ShouldHaveSingleItem().Victim.ShouldBe(Make.Attempt(1));
        stage.Choose(Now).ShouldBeEmpty();
    }

    [Fact]
    public void Nodes_are_freed_together_in_one_rack_when_that_is_asked_for()
    {
        var stage = Of(4, Lease(1, PriorityClass.Low, 1) with { CheckpointedAt = Now }, Lease(2, PriorityClass.Low, 2), Lease(3, PriorityClass.Low, 3), Lease(4, PriorityClass.Medium, 4));
        stage = stage with { Machine = [.. stage.Machine.Select((node, index) => node with { Topology = [index is 0 or 3 ? "rack=a" : "rack=b"] })] };
        var together = Wants(9, PriorityClass.High, nodes: 2);

        stage.Waiting(together with { Resources = together.Resources with { Within = "rack" } }).Victims().ShouldBe([Make.Attempt(2), Make.Attempt(3)]);
    }

    [Fact]
    public void A_licence_comes_from_who_holds_it()
    {
        var holder = Lease(1, PriorityClass.Low, 1) with { Resources = new() { Licences = new ResourceRequest().Licences.Add("matlab", 1) } };
        var stage = Of(2, holder) with { Context = new() { Licences = new ResourceRequest().Licences.Add("matlab", 1) } };
        var wants = Wants(9, PriorityClass.High);

        stage.Waiting(wants with { Resources = wants.Resources with { Licences = holder.Resources.Licences } }).Victims().ShouldBe([Make.Attempt(1)]);
        stage.Waiting(wants).Victims().ShouldBeEmpty();
    }

    [Fact]
    public void Gpus_are_freed_by_who_holds_them()
    {
        var stage = Of(1, Lease(1, PriorityClass.Low, 1) with { Shares = [new() { Node = Make.Id(1), Cores = [0], Gpus = [0] }] }, Lease(2, PriorityClass.Low, 1) with { Shares = [new() { Node = Make.Id(1), Cores = [1] }], CheckpointedAt = Now });
        stage = stage with { Machine = [stage.Machine[0].WithGpus(("a100", 80))] };
        var wants = Wants(9, PriorityClass.High, cores: 1);

        stage.Waiting(wants with { Resources = wants.Resources with { GpusPerNode = 1, GpuModel = "a100" } }).Victims().ShouldBe([Make.Attempt(1)]);
    }

    [Fact]
    public void A_guarantee_is_claimed_back_from_who_borrows_it_and_from_nobody_else()
    {
        var stage = Reclaiming(waited: TimeSpan.FromMinutes(11));

        var order = stage.Choose().ShouldHaveSingleItem();

        order.Victim.ShouldBe(Make.Attempt(1));
        (order.Trigger, order.Action).ShouldBe((PreemptionTrigger.Fairness, PreemptionAction.Requeue));
        order.Reason.ShouldContain("p-b claims its guarantee");
        Reclaiming(waited: TimeSpan.FromMinutes(9)).Victims().ShouldBeEmpty();
    }

    [Fact]
    public void Work_for_which_others_made_way_is_not_taken_back_by_the_same_class()
    {
        var stage = Reclaiming(waited: TimeSpan.FromMinutes(11));

        (stage with { Runs = [.. stage.Runs.Select(lease => lease with { StartedByPreemption = true })] }).Victims().ShouldBeEmpty();
    }

    [Fact]
    public void With_preemption_switched_off_only_windows_and_reservations_are_served()
    {
        var stage = Of(1, Lease(1, PriorityClass.Low, 1)).Waiting(Wants(9, PriorityClass.Critical)) with { Settings = new() { Preemption = new() { Enabled = false } } };

        stage.Victims().ShouldBeEmpty();
        stage.With(new MaintenanceWindow { Id = "w", Severity = WindowSeverity.Critical, Start = Now, End = Now.AddHours(1) }).Choose().ShouldHaveSingleItem().Trigger.ShouldBe(PreemptionTrigger.Maintenance);
    }

    [Fact]
    public void The_next_change_is_the_end_of_a_quantum_a_cooldown_or_a_wait()
    {
        var planner = new PreemptionPlanner();
        var lease = Lease(1, PriorityClass.Low, 1);
        var wants = Wants(9, PriorityClass.High);

        planner.NextChange(Of(1, lease with { StartedAt = Now.AddMinutes(-50) }).Waiting(wants), Now).ShouldBe(Now.AddMinutes(10));
        planner.NextChange(Of(1, lease with { Preempted = [Now.AddHours(-5)] }).Waiting(wants), Now).ShouldBe(Now.AddHours(1));
        planner.NextChange(Of(1, lease).Waiting(wants with { QueuedSince = Now.AddSeconds(-30) }), Now).ShouldBe(Now.AddSeconds(30));
        planner.NextChange(Of(1, lease with { StopBy = Now.AddMinutes(1) }).Waiting(wants), Now).ShouldBe(Now.AddMinutes(6));
        planner.NextChange(Of(1, lease).Waiting(wants), Now).ShouldBeNull();
        planner.NextChange(Of(1, lease), Now).ShouldBeNull();
    }

    [Fact]
    public void Every_trigger_and_class_has_its_action()
    {
        var table = string.Join('\n', Enum.GetValues<PreemptionTrigger>().Skip(1).Select(trigger =>
            $"{trigger}: " + string.Join(' ', Enum.GetValues<PriorityClass>().Skip(1).Select(priority => PreemptionActions.For(trigger, priority)))));

        table.ShouldBe("""
            HigherPriority: CheckpointAndStop CheckpointAndStop Migrate Migrate CheckpointAndStop
            Maintenance: CheckpointAndStop CheckpointAndStop CheckpointAndStop CheckpointAndStop CheckpointAndStop
            ResourceShortage: Requeue Requeue ContinueLimited ContinueLimited ContinueLimited
            Fairness: Requeue Requeue Requeue Requeue Requeue
            Admin: CheckpointAndStop CheckpointAndStop CheckpointAndStop CheckpointAndStop CheckpointAndStop
            Deadline: Cancel Cancel Cancel Cancel Cancel
            Reservation: CheckpointAndStop CheckpointAndStop CheckpointAndStop CheckpointAndStop CheckpointAndStop
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Under_overload_the_lowest_quarter_that_is_not_critical_is_lowered_one_step()
    {
        LoweredClass[] work = [.. Enumerable.Range(1, 8).Select(number => new LoweredClass(Make.Attempt(number), number <= 2 ? PriorityClass.Low : number == 8 ? PriorityClass.Critical : PriorityClass.Medium, number))];

        OverloadRule.Lower(0.86, work).ShouldBe([new(Make.Attempt(2), PriorityClass.Background, 2)]);
        OverloadRule.Lower(0.95, [new(Make.Attempt(1), PriorityClass.Medium, 1)]).ShouldHaveSingleItem().Priority.ShouldBe(PriorityClass.Low);
        OverloadRule.Lower(0.95, [new(Make.Attempt(1), PriorityClass.Background, 1)]).ShouldBeEmpty();
        OverloadRule.Lower(0.95, [new(Make.Attempt(1), PriorityClass.Critical, 1)]).ShouldBeEmpty();
        OverloadRule.Lower(0.85, work).ShouldBeEmpty();
    }

    [Fact]
    public void The_load_is_that_of_the_scarcest_resource_of_nodes_that_are_seen()
    {
        SchedulableNode[] nodes = [Make.Node(1), Make.Node(2), Make.Node(3) with { NotSeen = true }];

        OverloadRule.Load(nodes, [Lease(1, PriorityClass.Medium, 1) with { Shares = [new() { Node = Make.Id(1), Cores = [0, 1], Memory = 190 }] }]).ShouldBe(0.95);
        OverloadRule.Load(nodes, [Lease(1, PriorityClass.Medium, 1, 2, 3)]).ShouldBe(1);
        OverloadRule.Load([], []).ShouldBe(0);
    }

    private static Stage Reclaiming(TimeSpan waited)
    {
        var accounts = new SchedulingContext().Accounts
            .Add("p-b", new AccountStanding { Guaranteed = 0.5, LendLimit = 1 })
            .Add("p-c", new AccountStanding { Guaranteed = 0.5 });
        var borrows = Lease(1, PriorityClass.Medium, 1);
        var owns = Lease(2, PriorityClass.Medium, 2) with { Owner = new Ownership { Account = new AccountId("p-c") } };
        return (Of(2, borrows, owns) with { Context = new() { Accounts = accounts } }).Waiting(Wants(9, PriorityClass.Medium) with { QueuedSince = Now - waited });
    }

    private static WaitReason Reason(DateTimeOffset planned) => new() { Constraint = PlacementConstraint.FreeCores, NodesNeeded = 1, PlannedStart = planned };
}
