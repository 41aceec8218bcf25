using System.Collections.Immutable;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling.Reservations;

public sealed class ReservationPlannerTests
{
    private static readonly DateTimeOffset Now = Make.Now;
    private static readonly SchedulingSettings Settings = new();

    [Fact]
    public void A_reservation_gets_whole_nodes_and_what_is_on_them_is_listed()
    {
        var decision = Ask(Reservation("r", nodes: 2) with { Start = Now.AddHours(1), End = Now.AddHours(49), Priority = PriorityClass.High }, World(3));

        var made = decision.Reservation.ShouldNotBeNull();
        made.State.ShouldBe(ReservationState.Confirmed);
        (made.Start, made.End).ShouldBe((Now.AddHours(1), Now.AddHours(1).AddDays(2)));
        made.Allocations.Select(share => share.Node).ShouldBe([Make.Id(1), Make.Id(2)]);
        made.Allocations.ShouldAllBe(share => share.Cores.Length == 4 && share.Memory == 100 && share.Exclusive);
        made.Priority.ShouldBe(PriorityClass.High);
    }

    [Fact]
    public void First_come_first_served_keeps_the_earlier_and_cancels_the_newer()
    {
        var first = Confirmed(Reservation("first", 1), 1);

        var decision = Ask(Reservation("second", 1, PriorityClass.Critical, ConflictStrategy.FirstComeFirstServed) with { RequestedAt = Now.AddMinutes(1) }, World(1, first));

        decision.Reservation.ShouldNotBeNull().State.ShouldBe(ReservationState.Cancelled);
        decision.Others.ShouldBeEmpty();
        var conflict = decision.Conflicts.ShouldHaveSingleItem();
        conflict.Kind.ShouldBe(ConflictKind.ReservationOverlap);
        conflict.Strategy.ShouldBe(ConflictStrategy.FirstComeFirstServed);
        conflict.Resolved.ShouldBeTrue();
        conflict.DetectedAt.ShouldBe(Now);
        conflict.Details.ShouldContain("first");
    }

    [Fact]
    public void First_come_first_served_lets_an_earlier_request_win_that_is_settled_later()
    {
        var newer = Confirmed(Reservation("newer", 1) with { RequestedAt = Now.AddMinutes(-1) }, 1);

        var decision = Ask(Reservation("older", 1, strategy: ConflictStrategy.FirstComeFirstServed) with { RequestedAt = Now.AddHours(-1) }, World(1, newer));

        decision.Reservation.ShouldNotBeNull().State.ShouldBe(ReservationState.Confirmed);
        decision.Others.ShouldHaveSingleItem().State.ShouldBe(ReservationState.Cancelled);
    }

    [Theory]
    [InlineData(PriorityClass.High, PriorityClass.Low, true)]
    [InlineData(PriorityClass.Low, PriorityClass.High, false)]
    [InlineData(PriorityClass.Medium, PriorityClass.Medium, false)]
    public void By_priority_the_higher_class_wins_and_of_equal_ones_the_earlier(PriorityClass asked, PriorityClass holds, bool wins)
    {
        var first = Confirmed(Reservation("first", 1, holds), 1);

        var decision = Ask(Reservation("second", 1, asked) with { RequestedAt = Now.AddMinutes(1) }, World(1, first));

        decision.Reservation.ShouldNotBeNull().State.ShouldBe(wins ? ReservationState.Confirmed : ReservationState.Cancelled);
        decision.Others.Select(other => other.State).ShouldBe(wins ? [ReservationState.Cancelled] : []);
        decision.Conflicts.ShouldHaveSingleItem().Strategy.ShouldBe(ConflictStrategy.PriorityBased);
    }

    [Fact]
    public void By_preemption_an_active_one_of_a_lower_class_is_preempted_and_others_are_cancelled()
    {
        var active = Confirmed(Reservation("active", 1, PriorityClass.Low), 1) with { State = ReservationState.Active, Start = Now.AddHours(-1) };
        var confirmed = Confirmed(Reservation("confirmed", 1, PriorityClass.Low), 2);

        var decision = Ask(Reservation("new", 2, PriorityClass.High, ConflictStrategy.Preemption), World(2, active, confirmed));

        decision.Reservation.ShouldNotBeNull().State.ShouldBe(ReservationState.Confirmed);
        decision.Others.Select(other => (other.Id, other.State)).ShouldBe([("active", ReservationState.Preempted), ("confirmed", ReservationState.Cancelled)], ignoreOrder: true);
    }

    [Fact]
    public void By_priority_what_is_active_is_not_displaced()
    {
        var active = Confirmed(Reservation("active", 1, PriorityClass.Low), 1) with { State = ReservationState.Active, Start = Now.AddHours(-1) };

        Ask(Reservation("new", 1, PriorityClass.High), World(1, active)).Reservation.ShouldNotBeNull().State.ShouldBe(ReservationState.Cancelled);
    }

    [Fact]
    public void Only_as_many_are_displaced_as_are_needed_and_the_lowest_first()
    {
        var (low, medium) = (Confirmed(Reservation("low", 1, PriorityClass.Low), 2), Confirmed(Reservation("medium", 1), 1));

        var decision = Ask(Reservation("new", 1, PriorityClass.High), World(2, low, medium));

        decision.Others.ShouldHaveSingleItem().Id.ShouldBe("low");
        decision.Reservation!.Allocations.ShouldHaveSingleItem().Node.ShouldBe(Make.Id(2));
    }

    [Fact]
    public void By_negotiation_it_stays_open_with_the_nearest_times_at_which_it_fits()
    {
        var holds = Confirmed(Reservation("holds", 1), 1);

        var decision = Ask(Reservation("new", 1, PriorityClass.Critical, ConflictStrategy.Negotiation), World(1, holds));

        decision.Reservation.ShouldNotBeNull().State.ShouldBe(ReservationState.Requested);
        decision.Conflicts.ShouldHaveSingleItem().Resolved.ShouldBeFalse();
        decision.Offers.ShouldHaveSingleItem().Start.ShouldBe(holds.End);
        decision.Offers[0].Nodes.ShouldBe([Make.Id(1)]);
    }

    [Fact]
    public void By_negotiation_the_nodes_that_are_free_at_that_time_are_offered_first()
    {
        var decision = Ask(Reservation("new", 2, strategy: ConflictStrategy.Negotiation), World(2, Confirmed(Reservation("holds", 1), 1)));

        decision.Offers[0].Start.ShouldBe(Now.AddHours(1));
        decision.Offers[0].Nodes.ShouldBe([Make.Id(2)]);
        decision.Offers[1].Nodes.ShouldBe([Make.Id(1), Make.Id(2)]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void By_an_operators_decision_it_stays_open_until_there_is_one(bool newer)
    {
        var holds = Confirmed(Reservation("holds", 1, PriorityClass.Critical) with { Preemptible = false }, 1);
        var world = World(1, holds);
        var open = Ask(Reservation("new", 1, PriorityClass.Low, ConflictStrategy.AdminDecision), world);
        var conflict = open.Conflicts.ShouldHaveSingleItem();

        var decided = ReservationPlanner.Decide(conflict, newer, "ann", With(world, open.Reservation!), Settings, Now.AddMinutes(5));

        open.Reservation!.State.ShouldBe(ReservationState.Requested);
        conflict.Resolved.ShouldBeFalse();
        decided.Reservation.ShouldNotBeNull().State.ShouldBe(newer ? ReservationState.Confirmed : ReservationState.Cancelled);
        decided.Others.Select(other => other.State).ShouldBe(newer ? [ReservationState.Cancelled] : []);
        decided.Conflicts.ShouldHaveSingleItem().Resolution.ShouldContain("ann");
        decided.Conflicts[0].Id.ShouldBe(conflict.Id);
        ReservationPlanner.Decide(decided.Conflicts[0], newer, "ann", world, Settings, Now).Refusals.ShouldHaveSingleItem().Field.ShouldBe("conflict");
    }

    [Fact]
    public void Conflicts_are_listed_by_whether_they_are_resolved()
    {
        var world = World(1, Confirmed(Reservation("holds", 1), 1));
        ImmutableArray<ReservationConflict> all =
        [
            .. Ask(Reservation("open", 1, strategy: ConflictStrategy.AdminDecision), world).Conflicts,
            .. Ask(Reservation("settled", 1, PriorityClass.High), world).Conflicts,
        ];

        all.Where(conflict => !conflict.Resolved).ShouldHaveSingleItem().Reservation.ShouldBe("open");
        all.Where(conflict => conflict.Resolved).ShouldHaveSingleItem().ResolvedAt.ShouldBe(Now);
    }

    [Fact]
    public void A_critical_window_cancels_confirmed_reservations_over_it_and_refuses_new_ones()
    {
        var holds = Confirmed(Reservation("holds", 1, PriorityClass.Critical), 1);
        var world = World(1, holds);
        var window = new MaintenanceWindow { Id = "w", Severity = WindowSeverity.Critical, Start = Now.AddHours(1), End = Now.AddHours(2) };

        var added = WindowPlanner.Add([window], world, [], Now);
        var asked = Ask(Reservation("new", 1, PriorityClass.Critical), world with { Context = new() { Windows = added.Windows } });

        added.Refusals.ShouldBeEmpty();
        added.Reservations.ShouldHaveSingleItem().State.ShouldBe(ReservationState.Cancelled);
        added.Conflicts.ShouldHaveSingleItem().Kind.ShouldBe(ConflictKind.MaintenanceOverlap);
        asked.Reservation.ShouldNotBeNull().State.ShouldBe(ReservationState.Cancelled);
        asked.Refusals.ShouldHaveSingleItem().Problem.ShouldContain("critical maintenance window w");
        asked.Conflicts.ShouldHaveSingleItem().Kind.ShouldBe(ConflictKind.MaintenanceOverlap);
    }

    [Fact]
    public void A_major_window_in_an_hour_is_pending_and_preempts_a_low_reservation_over_it()
    {
        var window = new MaintenanceWindow { Id = "w", Severity = WindowSeverity.Major, Start = Now.AddHours(1), End = Now.AddHours(3) };

        var added = WindowPlanner.Add([window], World(1, Confirmed(Reservation("low", 1, PriorityClass.Low), 1)), [], Now);

        added.Windows.Count(one => one.Status == WindowStatus.Pending).ShouldBe(1);
        added.Windows.Count(one => one.Status == WindowStatus.Active).ShouldBe(0);
        added.Reservations.ShouldHaveSingleItem().State.ShouldBe(ReservationState.Preempted);
    }

    [Fact]
    public void A_cancellable_window_gives_way_to_a_critical_reservation_whichever_comes_first()
    {
        var window = new MaintenanceWindow { Id = "w", Severity = WindowSeverity.Major, Start = Now.AddHours(1), End = Now.AddHours(3) };
        var critical = Reservation("critical", 1, PriorityClass.Critical);

        var later = Ask(critical, World(1) with { Context = new() { Windows = [window] } });
        var earlier = WindowPlanner.Add([window], World(1, Confirmed(critical, 1)), [], Now);

        later.Reservation.ShouldNotBeNull().State.ShouldBe(ReservationState.Confirmed);
        later.Windows.ShouldHaveSingleItem().Status.ShouldBe(WindowStatus.Cancelled);
        earlier.Windows.ShouldHaveSingleItem().Status.ShouldBe(WindowStatus.Cancelled);
        earlier.Reservations.ShouldBeEmpty();
    }

    [Fact]
    public void Otherwise_the_reservation_is_cancelled()
    {
        var window = new MaintenanceWindow { Id = "w", Severity = WindowSeverity.Minor, Cancellable = false, Start = Now.AddHours(1), End = Now.AddHours(3) };

        Ask(Reservation("r", 1, PriorityClass.Critical), World(1) with { Context = new() { Windows = [window] } }).Reservation!.State.ShouldBe(ReservationState.Cancelled);
        WindowPlanner.Add([window], World(1, Confirmed(Reservation("r", 1, PriorityClass.High), 1)), [], Now).Reservations.ShouldHaveSingleItem().State.ShouldBe(ReservationState.Cancelled);
    }

    [Fact]
    public void A_reservation_goes_to_nodes_without_a_window()
    {
        var window = new MaintenanceWindow { Id = "w", Start = Now.AddHours(2), End = Now.AddHours(3), Nodes = [Make.Id(1)] };

        Ask(Reservation("r", 1), World(2) with { Context = new() { Windows = [window] } }).Reservation!.Allocations.ShouldHaveSingleItem().Node.ShouldBe(Make.Id(2));
    }

    [Fact]
    public void Parts_of_one_node_are_reserved_beside_each_other_until_it_is_full()
    {
        var partial = Reservation("a", 1, strategy: ConflictStrategy.FirstComeFirstServed) with { Kind = ReservationKind.Partial, Wanted = new() { Threads = 2, MemoryPerNode = 40 } };
        var first = Ask(partial, World(1)).Reservation!;
        var second = Ask(partial with { Id = "b" }, World(1, first)).Reservation!;

        var third = Ask(partial with { Id = "c" }, World(1, first, second));

        first.Allocations.ShouldHaveSingleItem().Cores.ShouldBe([0, 1]);
        second.Allocations.ShouldHaveSingleItem().Cores.ShouldBe([2, 3]);
        second.Allocations[0].Memory.ShouldBe(40);
        third.Reservation!.State.ShouldBe(ReservationState.Cancelled);
    }

    [Fact]
    public void It_does_not_get_nodes_of_work_that_runs_on_and_says_when_it_could()
    {
        var world = World(1) with { Running = [Lease(1, 1) with { EndsBy = Now.AddHours(5) }] };

        var decision = Ask(Reservation("r", 1), world);

        decision.Reservation!.State.ShouldBe(ReservationState.Cancelled);
        decision.Refusals.ShouldHaveSingleItem().Field.ShouldBe("start");
        decision.Offers.ShouldHaveSingleItem().Start.ShouldBe(Now.AddHours(5));
    }

    [Fact]
    public void It_gets_nodes_of_work_that_can_checkpoint_but_never_of_protected_work()
    {
        var world = World(1) with { Running = [Lease(1, 1) with { CanCheckpoint = true }] };
        var guarded = world with { Running = [world.Running[0] with { Protected = true }] };

        Ask(Reservation("r", 1), world).Reservation!.State.ShouldBe(ReservationState.Confirmed);
        Ask(Reservation("r", 1), guarded).Reservation!.State.ShouldBe(ReservationState.Cancelled);
    }

    [Fact]
    public void More_nodes_than_there_are_is_refused_with_how_many_there_are() =>
        Ask(Reservation("r", 5), World(2)).Refusals.ShouldHaveSingleItem().Problem.ShouldContain("2 of the 5 nodes");

    [Fact]
    public void All_nodes_are_in_one_rack_when_that_is_asked_for()
    {
        var world = World(4);
        world = world with { Nodes = [.. world.Nodes.Select((node, index) => node with { Topology = [index is 0 or 3 ? "rack=a" : "rack=b"] })] };

        Ask(Reservation("r", 2) with { Wanted = new() { Nodes = 2, Within = "rack" } }, world).Reservation!.Allocations.Select(share => share.Node).ShouldBe([Make.Id(1), Make.Id(4)]);
        Ask(Reservation("r", 3) with { Wanted = new() { Nodes = 3, Within = "rack" } }, world).Reservation!.State.ShouldBe(ReservationState.Cancelled);
    }

    [Fact]
    public void A_dynamic_one_gets_another_node_for_one_that_went()
    {
        var made = Ask(Reservation("r", 2) with { Kind = ReservationKind.Dynamic }, World(3)).Reservation!;
        var world = World(3, made);

        var changed = ReservationPlanner.Tick(world with { Nodes = world.Nodes.SetItem(0, world.Nodes[0] with { NotSeen = true }) }, Settings, Now);

        changed.ShouldHaveSingleItem().Allocations.Select(share => share.Node).ShouldBe([Make.Id(2), Make.Id(3)]);
        ReservationPlanner.Tick(world, Settings, Now).ShouldBeEmpty();
    }

    [Fact]
    public void Time_brings_a_reservation_to_its_end()
    {
        var made = Confirmed(Reservation("r", 1), 1);

        ReservationPlanner.NextChange([made], Now).ShouldBe(made.Start);
        var active = ReservationPlanner.Tick(World(1, made), Settings, made.Start).ShouldHaveSingleItem();
        active.State.ShouldBe(ReservationState.Active);
        ReservationPlanner.NextChange([active], made.Start).ShouldBe(made.End);
        ReservationPlanner.Tick(World(1, active), Settings, made.End).ShouldHaveSingleItem().State.ShouldBe(ReservationState.Completed);
    }

    [Fact]
    public void A_protected_simulation_of_thirty_days_has_a_reservation_of_thirty_days_on_its_nodes()
    {
        var stage = new ProtectedStage
        {
            Simulation = Make.Attempt(1).Simulation,
            Stage = "run",
            Start = Now,
            Duration = TimeSpan.FromDays(30),
            Shares = [new() { Node = Make.Id(1), Cores = [0, 1], Memory = 10 }],
            Priority = PriorityClass.High,
        };

        var made = ProtectedReservations.Reconcile([], [stage], Now).ShouldHaveSingleItem();
        var moved = ProtectedReservations.Reconcile([made], [stage with { Shares = [new() { Node = Make.Id(2), Cores = [0, 1] }], Duration = TimeSpan.FromDays(40) }], Now.AddDays(1)).ShouldHaveSingleItem();
        var over = ProtectedReservations.Reconcile([moved], [], Now.AddDays(2)).ShouldHaveSingleItem();

        (made.End - made.Start).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromDays(30));
        (made.State, made.Priority, made.Simulation).ShouldBe((ReservationState.Active, PriorityClass.High, "s-1"));
        made.Allocations.ShouldHaveSingleItem().Node.ShouldBe(Make.Id(1));
        ProtectedReservations.Reconcile([made], [stage], Now.AddDays(1)).ShouldBeEmpty();
        moved.Allocations.ShouldHaveSingleItem().Node.ShouldBe(Make.Id(2));
        moved.End.ShouldBe(Now.AddDays(40));
        over.State.ShouldBe(ReservationState.Completed);
    }

    [Fact]
    public void A_stage_of_two_days_that_starts_in_an_hour_is_confirmed_for_exactly_that_time()
    {
        var stage = new ProtectedStage
        {
            Simulation = new("s-" + new string('x', 100)),
            Stage = "coupled",
            Start = Now.AddHours(1),
            Duration = TimeSpan.FromDays(2),
            Shares = [new() { Node = Make.Id(1), Cores = [0], Memory = 7 }],
        };

        var made = ProtectedReservations.Of(stage, Now);

        (made.State, made.Start, made.End).ShouldBe((ReservationState.Confirmed, Now.AddHours(1), Now.AddHours(49)));
        made.Id.Length.ShouldBeLessThanOrEqualTo(60);
        ProtectedReservations.Name(stage).ShouldBe(made.Id);
        Should.Throw<ArgumentException>(() => ProtectedReservations.Of(stage with { Duration = TimeSpan.Zero }, Now)).Message.ShouldContain("coupled");
    }

    [Fact]
    public void Work_that_overruns_keeps_its_nodes_a_day_at_a_time()
    {
        var stage = new ProtectedStage { Simulation = Make.Attempt(1).Simulation, Stage = "run", Start = Now, Duration = TimeSpan.FromHours(1), Shares = [new() { Node = Make.Id(1) }] };
        var made = ProtectedReservations.Of(stage, Now);

        var longer = ProtectedReservations.Reconcile([made], [stage], Now.AddHours(1)).ShouldHaveSingleItem();

        longer.End.ShouldBe(Now.AddHours(25));
        ProtectedReservations.Reconcile([longer], [stage], Now.AddHours(2)).ShouldBeEmpty();
    }

    private static Reservation Reservation(string id, int nodes, PriorityClass priority = PriorityClass.Medium, ConflictStrategy strategy = ConflictStrategy.Absent) =>
        new() { Id = id, Start = Now.AddHours(1), End = Now.AddHours(3), Wanted = new() { Nodes = nodes }, Priority = priority, Strategy = strategy, RequestedAt = Now };

    private static Reservation Confirmed(Reservation reservation, params int[] nodes) => reservation with
    {
        State = ReservationState.Confirmed,
        Allocations = [.. nodes.Select(node => new NodeShare { Node = Make.Id(node), Cores = [0, 1, 2, 3], Exclusive = true })],
    };

    private static RunningLease Lease(int number, int node) => new()
    {
        Attempt = Make.Attempt(number),
        StartedAt = Now.AddHours(-1),
        Shares = [new() { Node = Make.Id(node), Cores = [0, 1] }],
    };

    private static SchedulingProblem World(int nodes, params Reservation[] reservations) =>
        new() { Nodes = [.. Enumerable.Range(1, nodes).Select(number => Make.Node(number))], Context = new() { Reservations = [.. reservations] } };

    private static SchedulingProblem With(SchedulingProblem world, Reservation reservation) =>
        world with { Context = world.Context with { Reservations = world.Context.Reservations.Add(reservation) } };

    private static ReservationDecision Ask(Reservation reservation, SchedulingProblem world) => ReservationPlanner.Request(reservation, world, Settings, Now);
}
