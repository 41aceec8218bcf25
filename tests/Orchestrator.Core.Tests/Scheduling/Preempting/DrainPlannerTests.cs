using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Preempting;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;
using static Orchestrator.Core.Tests.Scheduling.Preempting.Stage;

namespace Orchestrator.Core.Tests.Scheduling.Preempting;

public sealed class DrainPlannerTests
{
    private static readonly DateTimeOffset Now = Make.Now;
    private static readonly MaintenanceWindow Major = new() { Id = "w", Severity = WindowSeverity.Major, Start = Now.AddHours(1), End = Now.AddHours(3), Nodes = [Make.Id(1)] };

    [Fact]
    public void Work_on_the_nodes_of_a_major_window_is_asked_in_time_to_checkpoint_and_others_are_not()
    {
        var stage = Of(2, Lease(1, PriorityClass.Medium, 1) with { Grace = TimeSpan.FromMinutes(2) }, Lease(2, PriorityClass.Medium, 2)).With(Major);

        stage.Choose(Now.AddMinutes(52)).ShouldBeEmpty();
        new PreemptionPlanner().NextChange(stage, Now).ShouldBe(Now.AddMinutes(53));
        var order = stage.Choose(Now.AddMinutes(53)).ShouldHaveSingleItem();

        order.Victim.ShouldBe(Make.Attempt(1));
        order.StopBy.ShouldBe(Major.Start);
        (order.Trigger, order.Action, order.For, order.Relocation).ShouldBe((PreemptionTrigger.Maintenance, PreemptionAction.CheckpointAndStop, "w", false));
        stage.Choose(Major.Start).ShouldHaveSingleItem().StopBy.ShouldBe(Major.Start.AddMinutes(7));
    }

    [Theory]
    [InlineData(WindowSeverity.Critical, PriorityClass.Critical, false, true, "w asks")]
    [InlineData(WindowSeverity.Critical, PriorityClass.Medium, true, true, "w asks")]
    [InlineData(WindowSeverity.Critical, PriorityClass.Medium, true, false, "w asks")]
    [InlineData(WindowSeverity.Major, PriorityClass.Low, false, false, "w asks")]
    [InlineData(WindowSeverity.Major, PriorityClass.High, false, true, "w asks")]
    [InlineData(WindowSeverity.Major, PriorityClass.High, false, false, "stays")]
    [InlineData(WindowSeverity.Major, PriorityClass.Critical, false, true, "stays")]
    [InlineData(WindowSeverity.Major, PriorityClass.Low, true, true, "stays")]
    [InlineData(WindowSeverity.Minor, PriorityClass.Background, false, true, "w asks")]
    [InlineData(WindowSeverity.Minor, PriorityClass.Low, false, true, "stays")]
    [InlineData(WindowSeverity.Minor, PriorityClass.Background, true, true, "stays")]
    public void Who_leaves_before_the_start_follows_from_severity_class_and_protection(WindowSeverity severity, PriorityClass priority, bool isProtected, bool canCheckpoint, string answer)
    {
        var stage = Of(1, Lease(1, priority, 1) with { Protected = isProtected, CanCheckpoint = canCheckpoint }).With(Major with { Severity = severity });

        stage.Choose(Major.Start).Select(order => $"{order.For} asks").SingleOrDefault("stays").ShouldBe(answer);
    }

    [Fact]
    public void The_matrix_of_severity_and_class_is_as_agreed()
    {
        var table = string.Join('\n', Enum.GetValues<WindowSeverity>().Skip(1).Select(severity =>
            $"{severity}: " + string.Join(' ', Enum.GetValues<PriorityClass>().Skip(1).Where(priority => WindowRules.Preempts(severity, priority)))));

        table.ShouldBe("""
            Minor: Background
            Major: Background Low
            Critical: Background Low Medium High Critical
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Protected_work_delays_a_major_window_by_a_day_in_all_and_no_more()
    {
        var stage = Of(1, Lease(1, PriorityClass.High, 1) with { Protected = true }).With(Major);

        stage.Choose(Major.Start.AddHours(23)).ShouldBeEmpty();
        var order = stage.Choose(Major.Start.AddHours(24).AddMinutes(-5)).ShouldHaveSingleItem();

        order.StopBy.ShouldBe(Major.Start.AddHours(24));
        order.Relocation.ShouldBeTrue();
        order.Action.ShouldBe(PreemptionAction.Migrate);
    }

    [Fact]
    public void Protected_work_is_moved_right_after_a_checkpoint_when_a_window_is_near()
    {
        var lease = Lease(1, PriorityClass.High, 1) with { Protected = true, CheckpointedAt = Now.AddMinutes(-4) };
        var stage = Of(1, lease).With(Major);

        var order = stage.Choose().ShouldHaveSingleItem();

        order.Relocation.ShouldBeTrue();
        order.Cost.ShouldBe(TimeSpan.FromMinutes(4));
        order.StopBy.ShouldBe(Now.AddMinutes(5));
        (stage with { Runs = [lease with { CheckpointedAt = Now.AddMinutes(-6) }] }).Choose().ShouldBeEmpty();
        (stage with { Runs = [lease with { EndsBy = Major.Start }] }).Choose().ShouldBeEmpty();
        stage.With(Major with { Start = Now.AddHours(3), End = Now.AddHours(4) }).Choose().ShouldBeEmpty();
    }

    [Fact]
    public void What_ends_before_a_window_is_left_alone_until_it_does_not()
    {
        var stage = Of(1, Lease(1, PriorityClass.Low, 1) with { EndsBy = Major.Start }).With(Major);

        stage.Choose(Major.Start.AddMinutes(-1)).ShouldBeEmpty();
        new PreemptionPlanner().NextChange(stage, Now).ShouldBe(Major.Start);
        stage.Choose(Major.Start).ShouldHaveSingleItem();
    }

    [Fact]
    public void Who_was_asked_is_not_asked_again_unless_it_must_leave_sooner()
    {
        var stage = Of(1, Lease(1, PriorityClass.Low, 1) with { StopBy = Major.Start }).With(Major);

        stage.Choose(Major.Start).ShouldBeEmpty();
        (stage with { Runs = [stage.Runs[0] with { StopBy = Major.Start.AddHours(1) }] }).Choose(Major.Start.AddMinutes(-5)).ShouldHaveSingleItem().StopBy.ShouldBe(Major.Start);
    }

    [Fact]
    public void The_operator_sees_who_blocks_a_window_and_until_when()
    {
        var guarded = Lease(1, PriorityClass.High, 1) with { Protected = true };
        var ends = Lease(2, PriorityClass.Medium, 1) with { CanCheckpoint = false, EndsBy = Major.Start.AddHours(2) };
        var stuck = Lease(3, PriorityClass.Low, 1) with { StopBy = Major.Start.AddMinutes(-10) };
        var elsewhere = Lease(4, PriorityClass.High, 2) with { Protected = true };
        var gone = Lease(5, PriorityClass.Low, 1) with { EndsBy = Now.AddMinutes(30) };
        var stage = Of(2, guarded, ends, stuck, elsewhere, gone).With(Major);
        var protection = new ProtectionBudget(stage.Machine, stage.Runs, new());

        var before = WindowRules.BlockedBy(Major, stage.Runs, protection, stage.Settings, Now);
        var after = WindowRules.BlockedBy(Major, stage.Runs, protection, stage.Settings, Major.Start);

        before.Select(blocker => blocker.Attempt).ShouldBe([guarded.Attempt, ends.Attempt]);
        before[0].Until.ShouldBe(Major.Start.AddHours(24));
        before[0].Protected.ShouldBeTrue();
        before[0].Reason.ShouldContain("protected");
        before[1].Until.ShouldBe(Major.Start.AddHours(2));
        after.Single(blocker => blocker.Attempt == stuck.Attempt).Stuck.ShouldBeTrue();
        after.Count(blocker => !blocker.Stuck).ShouldBe(3);
    }

    [Fact]
    public void A_window_is_blocked_while_somebody_is_there_and_a_stuck_one_does_not_count()
    {
        var lease = Lease(1, PriorityClass.Low, 1) with { StopBy = Major.Start };
        var stage = Of(1, lease).With(Major);

        Tick(stage, Major, Major.Start.AddMinutes(-1)).ShouldBeNull();
        var blocked = Tick(stage, Major, Major.Start).ShouldNotBeNull();
        blocked.Status.ShouldBe(WindowStatus.Blocked);
        Tick(stage, blocked, Major.Start.AddMinutes(4)).ShouldBeNull();
        var active = Tick(stage, blocked, Major.Start.AddMinutes(6)).ShouldNotBeNull();
        active.Status.ShouldBe(WindowStatus.Active);
        active.End.ShouldBe(Major.End.AddMinutes(6));
        Tick(Of(1), Major, Major.Start).ShouldNotBeNull().Status.ShouldBe(WindowStatus.Active);
    }

    [Fact]
    public void Maintenance_rolls_over_groups_by_the_clock()
    {
        var windows = Rolling with { Gap = TimeSpan.FromHours(1) };

        windows.Compile().Select(window => (window.Id, window.Start - Now, window.Duration, window.Nodes.Length, window.After)).ShouldBe(
        [
            ("roll.1", TimeSpan.FromHours(1), TimeSpan.FromHours(2), 2, ""),
            ("roll.2", TimeSpan.FromHours(4), TimeSpan.FromHours(2), 2, ""),
            ("roll.3", TimeSpan.FromHours(7), TimeSpan.FromHours(2), 1, ""),
        ]);
        windows.Compile().ShouldAllBe(window => window.Rolling == "roll");
    }

    [Fact]
    public void Maintenance_rolls_on_when_the_group_before_is_done_sooner_or_later()
    {
        var windows = (Rolling with { WhenDone = true }).Compile();
        windows.Select(window => window.After).ShouldBe(["", "roll.1", "roll.2"]);

        var sooner = WindowPlanner.Tick(new(), [windows[0] with { Status = WindowStatus.Completed, EndedAt = Now.AddHours(2) }, windows[1], windows[2]], new(), Now.AddHours(1.5));
        sooner.ShouldHaveSingleItem().Start.ShouldBe(Now.AddHours(2));

        var later = WindowPlanner.Tick(
            new() { Nodes = [Make.Node(1)], Running = [Lease(1, PriorityClass.Low, 1) with { StopBy = Now.AddDays(1) }] },
            [windows[0] with { Status = WindowStatus.Blocked }, windows[1], windows[2]],
            new(),
            Now.AddHours(3));
        later.Select(window => (window.Id, window.Start - Now)).ShouldBe([("roll.2", TimeSpan.FromHours(5)), ("roll.3", TimeSpan.FromHours(7))]);
    }

    [Fact]
    public void Wrong_rolling_maintenance_is_refused_with_all_that_is_wrong()
    {
        var wrong = Rolling with { Id = new('x', 60), Duration = TimeSpan.Zero, Gap = TimeSpan.FromHours(-1), Groups = [[Make.Id(1)], [Make.Id(1)], []] };

        wrong.Problems().Select(problem => problem.Field).ShouldBe(["id", "duration", "gap", "groups", "groups"]);
        Should.Throw<ArgumentException>(() => wrong.Compile()).Message.ShouldContain("id");
        Should.Throw<ArgumentOutOfRangeException>(() => RollingMaintenance.GroupsOf([Make.Id(1)], 0));
    }

    [Fact]
    public void Windows_are_added_whole_or_not_at_all()
    {
        var problem = new SchedulingProblem { Nodes = [Make.Node(1), Make.Node(2)] };

        var refused = WindowPlanner.Add(Rolling.Compile(), problem, [], Now);
        var added = WindowPlanner.Add([Major], problem, [], Now);

        refused.Windows.ShouldBeEmpty();
        refused.Refusals.Length.ShouldBe(2);
        added.Windows.ShouldBe([Major]);
    }

    [Fact]
    public void Work_that_outlasts_the_start_of_a_reservation_is_asked_in_time_unless_it_is_protected_or_its_own()
    {
        var reservation = new Reservation { Id = "r", State = ReservationState.Confirmed, Start = Now.AddHours(1), End = Now.AddHours(2), Allocations = [new() { Node = Make.Id(1) }] };
        var lease = Lease(1, PriorityClass.High, 1);

        var order = Of(1, lease).With(reservation).Choose(Now.AddMinutes(55)).ShouldHaveSingleItem();

        (order.Trigger, order.For, order.StopBy).ShouldBe((PreemptionTrigger.Reservation, "r", reservation.Start));
        Of(1, lease).With(reservation).Choose(Now.AddMinutes(54)).ShouldBeEmpty();
        Of(1, lease with { Protected = true }).With(reservation).Choose(Now.AddMinutes(55)).ShouldBeEmpty();
        Of(1, lease with { Reservation = "r" }).With(reservation).Choose(Now.AddMinutes(55)).ShouldBeEmpty();
        Of(1, lease with { EndsBy = reservation.Start }).With(reservation).Choose(Now.AddMinutes(55)).ShouldBeEmpty();
        Of(1, lease with { EndsBy = reservation.Start }).With(reservation).Choose(reservation.Start).ShouldHaveSingleItem();
        Of(1, lease).With(reservation with { Simulation = "s-1" }).Choose(Now.AddMinutes(55)).ShouldBeEmpty();
    }

    [Fact]
    public void Part_of_a_node_is_reserved_from_whom_it_really_takes_something()
    {
        var reservation = new Reservation { Id = "r", Kind = ReservationKind.Partial, State = ReservationState.Active, Start = Now, End = Now.AddHours(2), Allocations = [new() { Node = Make.Id(1), Cores = [0, 1] }] };

        Of(1, Lease(1, PriorityClass.Low, 1) with { Shares = [new() { Node = Make.Id(1), Cores = [2, 3] }] }).With(reservation).Choose().ShouldBeEmpty();
        Of(1, Lease(1, PriorityClass.Low, 1) with { Shares = [new() { Node = Make.Id(1), Cores = [1, 2] }] }).With(reservation).Choose().ShouldHaveSingleItem();
    }

    private static RollingMaintenance Rolling => new()
    {
        Id = "roll",
        Start = Now.AddHours(1),
        Duration = TimeSpan.FromHours(2),
        Groups = RollingMaintenance.GroupsOf(Enumerable.Range(1, 5).Select(Make.Id), 2),
    };

    private static MaintenanceWindow? Tick(Stage stage, MaintenanceWindow window, DateTimeOffset now) =>
        WindowPlanner.Tick(new() { Nodes = stage.Machine, Running = stage.Runs }, [window], stage.Settings, now).SingleOrDefault();
}
