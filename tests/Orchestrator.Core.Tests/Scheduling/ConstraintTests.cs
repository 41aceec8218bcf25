using System.Collections.Immutable;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Backfill;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling;

/// <summary>One constraint at a time: who starts, who waits, for whom and until when.</summary>
public sealed class ConstraintTests
{
    [Fact]
    public void Features_storage_and_network_decide_where_and_whether_it_ever_fits()
    {
        var plan = Make.Problem(
            [Make.Node(1), Make.Node(2) with { Features = ["ib", "avx"], Storage = 10, Network = 5 }],
            [
                Make.Request(1, new() { Features = ["avx", "ib"], StoragePerNode = 6, NetworkPerNode = 4 }),
                Make.Request(2, new() { StoragePerNode = 5 }),
                Make.Request(3, new() { NetworkPerNode = 2 }),
                Make.Request(4, new() { Features = ["gpu"] }),
                Make.Request(5, new() { StoragePerNode = 11 }),
            ]).Plan();

        plan.Share(1).ShouldSatisfyAllConditions(share => share.Node.ShouldBe(Make.Id(2)), share => share.Storage.ShouldBe(6), share => share.Network.ShouldBe(4));
        plan.Reason(2).Constraint.ShouldBe(PlacementConstraint.FreeStorage);
        plan.Reason(3).Constraint.ShouldBe(PlacementConstraint.FreeStorage);
        plan.Reason(4).ShouldSatisfyAllConditions(reason => reason.Constraint.ShouldBe(PlacementConstraint.Features), reason => reason.NeverFits.ShouldBeTrue());
        plan.Reason(5).Constraint.ShouldBe(PlacementConstraint.Storage);
    }

    [Fact]
    public void Parts_of_a_GPU_are_packed_and_never_exceed_the_whole()
    {
        var plan = Make.Problem(
            [Make.Node(1).WithGpus(("a", 8), ("a", 8))],
            [Gpu(1, 600), Gpu(2, 300), Gpu(3, 1000), Gpu(4, 200)]).Plan();

        plan.Share(1).ShouldSatisfyAllConditions(share => share.Gpus.ShouldBe([0]), share => share.GpuThousandths.ShouldBe(600));
        plan.Share(2).Gpus.ShouldBe([0]);
        plan.Share(3).Gpus.ShouldBe([1]);
        plan.Reason(4).Constraint.ShouldBe(PlacementConstraint.FreeGpus);
    }

    [Fact]
    public void Compute_capabilities_are_compared_as_versions_and_an_unknown_one_satisfies_nobody()
    {
        SchedulableNode Node(int number, string capability) => Make.Node(number) with { Gpus = [new() { ComputeCapability = capability }] };

        var plan = Make.Problem(
            [Node(1, ""), Node(2, "8.9"), Node(3, "8.10")],
            [Make.Request(1, new() { GpusPerNode = 1, GpuComputeCapability = "8.10" }), Make.Request(2, new() { GpusPerNode = 1, GpuComputeCapability = "9.0" })]).Plan();

        plan.Share(1).Node.ShouldBe(Make.Id(3));
        plan.Reason(2).Constraint.ShouldBe(PlacementConstraint.Gpus);
    }

    [Fact]
    public void A_node_of_one_user_takes_only_that_users_work()
    {
        var plan = Make.Problem(
            [Make.Node(1) with { User = "ada" }],
            [Make.Cores(1, 1) with { Owner = new() { User = "ada" } }, Make.Cores(2, 1) with { Owner = new() { User = "bob" } }]).Plan();

        plan.Share(1).Node.ShouldBe(Make.Id(1));
        plan.Reason(2).Constraint.ShouldBe(PlacementConstraint.User);
    }

    [Fact]
    public void A_gang_takes_one_part_of_the_level_it_names_the_one_with_the_fewest_to_spare()
    {
        SchedulableNode[] nodes = [Rack(1, "a"), Rack(2, "a"), Rack(3, "a"), Rack(4, "b"), Rack(5, "b")];

        Make.Problem(nodes, [Make.Request(1, new() { Nodes = 2, Within = "rack" })]).Plan().Shares(1).Select(share => share.Node).ShouldBe([Make.Id(4), Make.Id(5)]);
        var plan = Make.Problem(nodes, [Make.Request(1, new() { Nodes = 4, Within = "rack" }), Make.Request(2, new() { Nodes = 2, Within = "switch" })]).Plan();
        plan.Reason(1).ShouldSatisfyAllConditions(reason => reason.Constraint.ShouldBe(PlacementConstraint.Site), reason => reason.NodesLeft.ShouldBe(3), reason => reason.For.ShouldBe("rack"));
        plan.Reason(2).Constraint.ShouldBe(PlacementConstraint.Site);
    }

    [Fact]
    public void Parts_of_one_name_in_different_racks_are_different_parts()
    {
        SchedulableNode[] nodes = [Make.Node(1) with { Topology = ["rack=a", "switch=1"] }, Make.Node(2) with { Topology = ["rack=b", "switch=1"] }];

        Make.Problem(nodes, [Make.Request(1, new() { Nodes = 2, Within = "switch" })]).Plan().Reason(1).Constraint.ShouldBe(PlacementConstraint.Site);
    }

    [Fact]
    public void A_gang_that_waits_for_a_rack_keeps_a_place_in_the_one_that_is_free_first()
    {
        var plan = (Make.Problem([Rack(1, "a"), Rack(2, "a"), Rack(3, "b"), Rack(4, "b")], [Hours(1, new() { Nodes = 2, Threads = 4, Within = "rack" }, 1)]) with
        {
            Running = [Lease(11, 1, 4, hours: 3), Lease(12, 3, 4, hours: 2)],
        }).Plan();

        plan.Reason(1).ShouldSatisfyAllConditions(reason => reason.Constraint.ShouldBe(PlacementConstraint.Together), reason => reason.PlannedStart.ShouldBe(Make.Now.AddHours(2)));
        plan.Places.ShouldHaveSingleItem().Nodes.ShouldBe([Make.Id(3), Make.Id(4)]);
    }

    [Fact]
    public void Licences_are_counted_with_those_of_running_work_and_kept_over_time()
    {
        var problem = Make.Problem([Make.Node(1)], [Licensed(1, 2, hours: 1), Licensed(2, 1, hours: 1), Licensed(3, 3, hours: 1), Licensed(4, 1, hours: 5)]) with
        {
            Running = [Lease(11, 1, 0, hours: 2) with { Resources = Licensed(0, 1, 1).Resources }],
            Context = new() { Licences = ImmutableSortedDictionary<string, int>.Empty.Add("cfd", 2) },
        };

        var plan = problem.Plan(Make.Plain with { Backfill = new() { Kind = BackfillKind.Easy } });

        plan.Reason(1).ShouldSatisfyAllConditions(
            reason => reason.Constraint.ShouldBe(PlacementConstraint.FreeLicences), reason => reason.For.ShouldBe("cfd"), reason => reason.PlannedStart.ShouldBe(Make.Now.AddHours(2)));
        plan.Share(2).Node.ShouldBe(Make.Id(1));
        plan.Reason(3).Constraint.ShouldBe(PlacementConstraint.Site);
        plan.Reason(4).Constraint.ShouldBe(PlacementConstraint.FreeLicences);
    }

    [Fact]
    public void Nodes_without_power_take_nothing_now_and_a_place_once_they_are_on()
    {
        var off = Make.Node(1) with { PowerState = PowerState.Off, Power = new() { SwitchOnTime = TimeSpan.FromMinutes(3) } };

        var plan = Make.Problem([off], [Hours(1, new(), 1)]).Plan();

        plan.Reason(1).ShouldSatisfyAllConditions(reason => reason.Constraint.ShouldBe(PlacementConstraint.Power), reason => reason.PlannedStart.ShouldBe(Make.Now.AddMinutes(3)));
        var on = Make.Problem([off with { PowerState = PowerState.SwitchingOn, ReadyAt = Make.Now.AddMinutes(1) }], [Hours(1, new(), 1)]).Plan();
        on.Reason(1).PlannedStart.ShouldBe(Make.Now.AddMinutes(1));
        on.NextChange.ShouldBe(Make.Now.AddMinutes(1));
    }

    [Fact]
    public void Nothing_starts_or_is_planned_on_a_node_that_is_not_seen()
    {
        var plan = Make.Problem([Make.Node(1) with { NotSeen = true }], [Hours(1, new(), 1)]).Plan();

        plan.Reason(1).ShouldSatisfyAllConditions(reason => reason.Constraint.ShouldBe(PlacementConstraint.Alive), reason => reason.PlannedStart.ShouldBeNull(), reason => reason.NeverFits.ShouldBeFalse());
    }

    [Fact]
    public void Before_a_window_only_what_ends_in_time_starts_or_what_a_checkpoint_carries_over()
    {
        var context = new SchedulingContext { Windows = [new() { Id = "w1", Start = Make.Now.AddHours(2), End = Make.Now.AddHours(4), Severity = WindowSeverity.Minor }] };

        var plan = (Make.Problem([Make.Node(1, cores: 8)], [Hours(1, new(), 2), Hours(2, new(), 3), Hours(3, new(), 3) with { CanCheckpoint = true }, Make.Cores(4, 1)]) with { Context = context }).Plan();

        plan.Placements.Select(placement => placement.Attempt).ShouldBe([Make.Attempt(1), Make.Attempt(3)]);
        plan.Reason(2).ShouldSatisfyAllConditions(
            reason => reason.Constraint.ShouldBe(PlacementConstraint.Maintenance), reason => reason.For.ShouldBe("w1"), reason => reason.PlannedStart.ShouldBe(Make.Now.AddHours(4)));
        plan.Reason(4).Constraint.ShouldBe(PlacementConstraint.Maintenance);
        plan.NextChange.ShouldBe(Make.Now.AddHours(2));
    }

    [Fact]
    public void What_a_checkpoint_carries_over_starts_only_with_useful_time_left()
    {
        SchedulingPlan Plan(int minutes) => Make.Problem([Make.Node(1) with { AllocationEnd = Make.Now.AddMinutes(minutes) }], [Hours(1, new(), 5) with { CanCheckpoint = true }]).Plan();

        Plan(10).Share(1).Node.ShouldBe(Make.Id(1));
        Plan(9).Reason(1).OutlastsAllocation.ShouldBeTrue();
    }

    [Fact]
    public void A_window_of_some_nodes_and_one_that_is_cancelled_leave_the_others_alone()
    {
        var window = new MaintenanceWindow { Id = "w1", Start = Make.Now.AddHours(1), End = Make.Now.AddHours(4), Nodes = [Make.Id(1)] };
        SchedulingPlan Plan(MaintenanceWindow with) => (Make.Problem([Make.Node(1), Make.Node(2)], [Hours(1, new(), 2)]) with { Context = new() { Windows = [with] } }).Plan();

        Plan(window).Share(1).Node.ShouldBe(Make.Id(2));
        Plan(window with { Status = WindowStatus.Cancelled }).Share(1).Node.ShouldBe(Make.Id(1));
    }

    [Fact]
    public void A_reservation_keeps_others_off_its_nodes_from_its_start_and_what_would_run_into_it_before()
    {
        var held = Reserved(ReservationKind.Exclusive, ReservationState.Confirmed, from: 2, until: 4);
        SchedulingPlan Plan(Reservation with) => (Make.Problem([Make.Node(1)], [Hours(1, new(), 2), Hours(2, new(), 3), Hours(3, new(), 3) with { CanCheckpoint = true }]) with { Context = new() { Reservations = [with] } }).Plan();

        Plan(held).ShouldSatisfyAllConditions(
            plan => plan.Share(1).Node.ShouldBe(Make.Id(1)),
            plan => plan.Reason(2).Constraint.ShouldBe(PlacementConstraint.Reserved),
            plan => plan.Reason(2).For.ShouldBe("r1"),
            plan => plan.Reason(2).PlannedStart.ShouldBe(Make.Now.AddHours(4)),
            plan => plan.Reason(3).Constraint.ShouldBe(PlacementConstraint.Reserved));
        Plan(held with { Kind = ReservationKind.Shared }).Placements.Select(placement => placement.Attempt).ShouldBe([Make.Attempt(1), Make.Attempt(3)]);
        Plan(held with { State = ReservationState.Requested }).Placements.Length.ShouldBe(3);
    }

    [Fact]
    public void Inside_a_reservation_runs_who_names_it_and_may_while_it_is_active()
    {
        var active = Reserved(ReservationKind.Exclusive, ReservationState.Active, from: -1, until: 3);
        PendingRequest Inside(int number, int hours, string user) => Hours(number, new(), hours) with { Reservation = "r1", Owner = new() { User = user } };
        SchedulingPlan Plan(Reservation with) => (Make.Problem([Make.Node(1), Make.Node(2)], [Inside(1, 2, "ada"), Inside(2, 4, "ada"), Inside(3, 1, "bob"), Hours(4, new(), 1)]) with { Context = new() { Reservations = [with] } }).Plan();

        Plan(active).ShouldSatisfyAllConditions(
            plan => plan.Share(1).Node.ShouldBe(Make.Id(1)),
            plan => plan.Reason(2).Constraint.ShouldBe(PlacementConstraint.Reserved),
            plan => plan.Reason(3).For.ShouldBe("r1"),
            plan => plan.Share(4).Node.ShouldBe(Make.Id(2)));
        Plan(active with { State = ReservationState.Confirmed }).Reason(1).Constraint.ShouldBe(PlacementConstraint.Reserved);
    }

    [Fact]
    public void A_project_of_the_same_name_in_another_institution_stays_outside_of_a_reservation()
    {
        var active = Reserved(ReservationKind.Exclusive, ReservationState.Active, from: -1, until: 3) with { Owner = new() { Institution = "eth", Project = "climate" } };
        PendingRequest Inside(int number, string institution) => Hours(number, new(), 1) with { Reservation = "r1", Owner = new() { Institution = institution, Project = "climate", User = "ada" } };

        var plan = (Make.Problem([Make.Node(1)], [Inside(1, "uni"), Inside(2, "eth")]) with { Context = new() { Reservations = [active] } }).Plan();

        plan.Reason(1).For.ShouldBe("r1");
        plan.Share(2).Node.ShouldBe(Make.Id(1));
    }

    [Fact]
    public void A_partial_reservation_leaves_the_rest_of_the_node_to_others_and_binds_those_inside()
    {
        var half = Reserved(ReservationKind.Partial, ReservationState.Active, from: -1, until: 9) with { Allocations = [new() { Node = Make.Id(1), Cores = [0, 1] }] };
        PendingRequest Inside(int number, int cores) => Hours(number, new() { Threads = cores }, 1) with { Reservation = "r1", Owner = new() { User = "ada" } };

        var plan = (Make.Problem([Make.Node(1)], [Hours(1, new() { Threads = 3 }, 1), Hours(2, new() { Threads = 2 }, 1), Inside(3, 3), Inside(4, 2), Inside(5, 1)]) with { Context = new() { Reservations = [half] } }).Plan();

        plan.Reason(1).Constraint.ShouldBe(PlacementConstraint.Reserved);
        plan.Share(2).Cores.ShouldBe([2, 3]);
        plan.Waiting.Select(waiting => waiting.Attempt).ShouldContain(Make.Attempt(3));
        plan.Share(4).Cores.ShouldBe([0, 1]);
        plan.Waiting.Select(waiting => waiting.Attempt).ShouldContain(Make.Attempt(5));
    }

    [Fact]
    public void A_reservation_for_a_simulation_does_not_keep_that_simulation_off()
    {
        var kept = Reserved(ReservationKind.Exclusive, ReservationState.Active, from: -1, until: 9) with { Simulation = "s-1" };

        var plan = (Make.Problem([Make.Node(1)], [Hours(1, new(), 1), Hours(2, new(), 1)]) with { Context = new() { Reservations = [kept] } }).Plan();

        plan.Share(1).Node.ShouldBe(Make.Id(1));
        plan.Reason(2).For.ShouldBe("r1");
    }

    [Fact]
    public void Not_more_run_at_once_than_may()
    {
        var problem = Make.Problem([Make.Node(1)], [Make.Cores(1, 1), Make.Cores(2, 1), Make.Cores(3, 1)]) with { Running = [Lease(11, 1, 1, hours: 1), Lease(12, 1, 0, hours: 1) with { Ending = true }] };

        var plan = problem.Plan(Make.Plain with { RunningMax = 2 });

        plan.Placements.ShouldHaveSingleItem().Attempt.ShouldBe(Make.Attempt(1));
        plan.Reason(2).Constraint.ShouldBe(PlacementConstraint.Concurrency);
    }

    [Fact]
    public void Beyond_the_depth_of_a_plan_the_reason_says_so_and_without_backfill_who_is_behind()
    {
        var problem = Make.Problem([Make.Node(1)], [Make.Cores(1, 4), Make.Cores(2, 4), Make.Cores(3, 1)]);

        problem.Plan(Make.Plain with { Backfill = new() { Depth = 1 } }).Reason(3).Constraint.ShouldBe(PlacementConstraint.Depth);
        problem.Plan(Make.Plain with { Backfill = new() { Kind = BackfillKind.None } }).Reason(3).ShouldSatisfyAllConditions(
            reason => reason.Constraint.ShouldBe(PlacementConstraint.NotAhead), reason => reason.For.ShouldBe(Make.Attempt(2).ToString()), reason => reason.Ahead.ShouldBe(2));
    }

    [Fact]
    public void A_victim_that_should_be_gone_is_stuck_and_its_node_is_not_counted_on()
    {
        SchedulingPlan Plan(int minutesAgo) => (Make.Problem([Make.Node(1)], [Hours(1, new() { Threads = 4 }, 1)]) with { Running = [Lease(11, 1, 4, hours: 9) with { StopBy = Make.Now.AddMinutes(-minutesAgo) }] }).Plan();

        Plan(4).Reason(1).PlannedStart.ShouldBe(Make.Now.AddTicks(1));
        Plan(6).Reason(1).PlannedStart.ShouldBeNull();
    }

    private static SchedulableNode Rack(int number, string rack) => Make.Node(number) with { Topology = [$"rack={rack}"] };

    private static PendingRequest Gpu(int number, int thousandths) => Make.Request(number, new() { GpusPerNode = 1, GpuThousandths = thousandths });

    private static PendingRequest Hours(int number, ResourceRequest resources, int hours) => Make.Request(number, resources) with { DurationEstimate = TimeSpan.FromHours(hours) };

    private static PendingRequest Licensed(int number, int count, int hours) => Hours(number, new() { Licences = ImmutableSortedDictionary<string, int>.Empty.Add("cfd", count) }, hours);

    private static RunningLease Lease(int number, int node, int cores, int hours) => new()
    {
        Attempt = Make.Attempt(number),
        Shares = [new() { Node = Make.Id(node), Cores = [.. Enumerable.Range(0, cores)] }],
        EndsBy = Make.Now.AddHours(hours),
    };

    private static Reservation Reserved(ReservationKind kind, ReservationState state, int from, int until) => new()
    {
        Id = "r1",
        Kind = kind,
        State = state,
        Start = Make.Now.AddHours(from),
        End = Make.Now.AddHours(until),
        Owner = new() { User = "ada" },
        Allocations = [new() { Node = Make.Id(1), Cores = [0, 1, 2, 3], Memory = 100 }],
    };
}
