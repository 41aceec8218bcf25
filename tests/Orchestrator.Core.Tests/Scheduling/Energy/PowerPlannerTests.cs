using System.Collections.Immutable;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Tests.Scheduling.Matching;
using static Orchestrator.Core.Tests.Scheduling.Energy.EnergyCalendarTests;

namespace Orchestrator.Core.Tests.Scheduling.Energy;

public sealed class PowerPlannerTests
{
    private static readonly NodePower Power = new()
    {
        Idle = 95, Busy = 190, Off = 9.75, SwitchOnTime = TimeSpan.FromSeconds(152), SwitchOnEnergy = 19030, SwitchOffTime = TimeSpan.FromSeconds(6.1), SwitchOffEnergy = 620,
    };

    [Fact]
    public void Nodes_that_idle_long_enough_are_switched_off_and_as_many_as_asked_for_stay_on()
    {
        var farm = Site(On(1, idleSince: 11), On(2, idleSince: 11), On(3, idleSince: 11.9), On(4, idleSince: 11));

        Orders(farm, keepOn: 1).ShouldBe(["n-1 off", "n-2 off", "n-4 off"], "n-3 has not idled long enough, and is the one that stays on");
        Orders(farm, keepOn: 2).ShouldBe(["n-2 off", "n-4 off"]);
        Orders(farm, keepOn: 3).ShouldBe(["n-4 off"]);
        Orders(farm, keepOn: 4).ShouldBeEmpty();
    }

    [Fact]
    public void The_worst_rated_node_goes_first_and_of_equals_the_last() =>
        Orders(Site(On(1, 11, rating: 20), On(2, 11, rating: 90), On(3, 11, rating: 90)), keepOn: 1).ShouldBe(["n-1 off", "n-3 off"]);

    [Theory]
    [InlineData(EnergyMode.Absent, false)]
    [InlineData(EnergyMode.Performance, false)]
    [InlineData(EnergyMode.Balanced, false)]
    [InlineData(EnergyMode.Efficiency, true)]
    [InlineData(EnergyMode.NightSavings, true)]
    public void Only_modes_that_save_switch_off(EnergyMode mode, bool off) => (Orders(Site(On(1, 11), On(2, 11)).In(mode)).Length > 0).ShouldBe(off);

    [Fact]
    public void A_node_in_use_one_that_is_given_something_one_that_drains_one_not_seen_and_one_without_figures_stay_as_they_are()
    {
        var farm = Site(On(1, 11), On(2, 11), On(3, 11) with { Draining = true }, On(4, 11) with { NotSeen = true }, On(5, 11) with { Power = null }, On(6, 11) with { IdleSince = null })
            with { Leases = [new() { Attempt = Make.Attempt(7), Shares = [new() { Node = Make.Id(1) }] }] };
        var plan = new SchedulingPlan { Placements = [new() { Attempt = Make.Attempt(8), Shares = [new() { Node = Make.Id(2) }] }] };

        Orders(farm, plan, keepOn: 0).ShouldBeEmpty();
    }

    [Fact]
    public void Nodes_are_switched_on_for_those_who_wait_and_no_more_than_they_need()
    {
        var farm = Site(Off(1), Off(2), Off(3)) with { Queue = [Make.Cores(1, 4), Make.Cores(2, 2), Make.Cores(3, 2)] };

        Orders(farm, Waiting((1, PlacementConstraint.Power, null), (2, PlacementConstraint.Power, null), (3, PlacementConstraint.Power, null))).ShouldBe(["n-1 on", "n-2 on"]);
    }

    [Fact]
    public void Nodes_are_switched_on_in_every_mode()
    {
        var farm = Site(Off(1)) with { Queue = [Make.Cores(1, 4)] };

        foreach (var mode in Enum.GetValues<EnergyMode>())
        {
            Orders(farm.In(mode), Waiting((1, PlacementConstraint.Power, null))).ShouldBe(["n-1 on"]);
        }
    }

    [Theory]
    [InlineData(PlacementConstraint.Budget)]
    [InlineData(PlacementConstraint.Share)]
    [InlineData(PlacementConstraint.NotHeld)]
    [InlineData(PlacementConstraint.Hook)]
    [InlineData(PlacementConstraint.FreeLicences)]
    [InlineData(PlacementConstraint.Cores)]
    public void Nothing_is_switched_on_for_those_whom_no_node_helps(PlacementConstraint constraint) =>
        Orders(Site(Off(1)) with { Queue = [Make.Cores(1, 4)] }, Waiting((1, constraint, null))).ShouldBeEmpty();

    [Fact]
    public void Nothing_is_switched_on_that_could_not_hold_the_work() =>
        Orders(Site(Off(1), Off(2)) with { Queue = [Make.Request(1, new() { GpusPerNode = 1 }), Make.Cores(2, 9)] }, Waiting((1, PlacementConstraint.FreeGpus, null), (2, PlacementConstraint.FreeCores, null)))
            .ShouldBeEmpty();

    [Fact]
    public void A_node_that_is_on_too_late_for_the_planned_start_stays_off()
    {
        var farm = Site(Off(1)) with { Queue = [Make.Cores(1, 4)] };

        Orders(farm, Waiting((1, PlacementConstraint.FreeCores, At(12).AddSeconds(152)))).ShouldBeEmpty();
        Orders(farm, Waiting((1, PlacementConstraint.FreeCores, At(12).AddSeconds(153)))).ShouldBe(["n-1 on"]);
    }

    [Fact]
    public void With_patience_nodes_are_switched_on_only_for_those_who_waited_long_enough()
    {
        var farm = Site(Off(1)) with { Queue = [Make.Cores(1, 4) with { QueuedSince = At(11.9) }] };
        var plan = Waiting((1, PlacementConstraint.Power, null));
        var patient = farm with { Settings = new() { Energy = new() { OnAfter = TimeSpan.FromMinutes(10) } } };

        new PowerPlanner().Orders(patient, plan, At(12)).ShouldBeEmpty();
        new PowerPlanner().NextChange(patient, At(12)).ShouldBe(At(11.9).AddMinutes(10));
        new PowerPlanner().Orders(patient, plan, At(11.9).AddMinutes(10)).ShouldHaveSingleItem().On.ShouldBeTrue();
        new PowerPlanner().Orders(patient.In(EnergyMode.Performance), plan, At(12)).ShouldHaveSingleItem().On.ShouldBeTrue();
    }

    [Fact]
    public void What_is_put_off_to_cheaper_energy_finds_its_node_on()
    {
        var farm = Site(Off(1)) with { Queue = [Make.Cores(1, 4)] };

        Orders(farm, Waiting((1, PlacementConstraint.Energy, At(12).AddSeconds(153)))).ShouldBeEmpty();
        Orders(farm, Waiting((1, PlacementConstraint.Energy, At(12).AddSeconds(152)))).ShouldBe(["n-1 on"]);
    }

    [Fact]
    public void A_place_in_time_or_a_reservation_keeps_its_node_on_and_switches_it_on_in_time()
    {
        var farm = Site(On(1, 11), Off(2), On(3, 11), Off(4));
        var place = new SchedulingPlan { Places = [new() { Attempt = Make.Attempt(1), Start = At(12).AddSeconds(150), Nodes = [Make.Id(1), Make.Id(2)] }] };

        Orders(farm, place, keepOn: 0).ShouldBe(["n-2 on", "n-3 off"]);

        var reserved = farm with
        {
            Context = farm.Context with
            {
                Reservations =
                [
                    new() { Id = "r", State = Orchestrator.Core.Scheduling.Reservations.ReservationState.Confirmed, Start = At(12.02), End = At(13), Allocations = [new() { Node = Make.Id(3) }, new() { Node = Make.Id(4) }] },
                ],
            },
        };
        Orders(reserved, keepOn: 0).ShouldBe(["n-1 off", "n-4 on"]);
        Orders(reserved with { Context = reserved.Context with { Reservations = [reserved.Context.Reservations[0] with { Start = At(15), End = At(16) }] } }, keepOn: 0)
            .ShouldBe(["n-1 off", "n-3 off"], "three hours are long enough to be off in between");
    }

    [Fact]
    public void The_first_gang_that_is_too_large_for_what_is_idle_and_off_keeps_what_there_is()
    {
        var farm = Site(On(1, 11), Off(2), On(3, 11)) with
        {
            Queue = [Make.Cores(1, 4, nodes: 3)],
            Leases = [new() { Attempt = Make.Attempt(7), Shares = [new() { Node = Make.Id(3) }] }],
        };

        Orders(farm, Waiting((1, PlacementConstraint.FreeCores, null)), keepOn: 0).ShouldBe(["n-2 on"]);
    }

    [Fact]
    public void A_node_that_is_being_switched_is_left_alone_and_counts_for_those_who_wait()
    {
        var farm = Site(On(1, 11) with { PowerState = PowerState.SwitchingOn, ReadyAt = At(12.02) }, Off(2), Off(3) with { PowerState = PowerState.SwitchingOff })
            with { Queue = [Make.Cores(1, 4)] };

        Orders(farm, Waiting((1, PlacementConstraint.Power, null)), keepOn: 0).ShouldBeEmpty();
    }

    [Fact]
    public void The_planner_says_when_the_next_node_has_idled_long_enough()
    {
        new PowerPlanner().NextChange(Tuned(Site(On(1, 11.95), On(2, 11.9), Off(3)), 1), At(12)).ShouldBe(At(12.15));
        new PowerPlanner().NextChange(Tuned(Site(On(1, 11.95)).In(EnergyMode.Performance), 1), At(12)).ShouldBeNull();
    }

    [Fact]
    public void The_switch_has_paid_off_after_the_energy_of_it_is_saved()
    {
        PowerPlanner.BreakEven(On(1, 0)).TotalSeconds.ShouldBe((19030 + 620 - 9.75 * 158.1) / 85.25, 0.001);
        PowerPlanner.BreakEven(On(1, 0) with { Power = Power with { Off = 95 } }).ShouldBe(TimeSpan.MaxValue);
        PowerPlanner.BreakEven(On(1, 0) with { Power = null }).ShouldBe(TimeSpan.MaxValue);
        PowerPlanner.BreakEven(On(1, 0) with { Power = Power with { SwitchOnEnergy = 0, SwitchOffEnergy = 0 } }).ShouldBe(TimeSpan.FromSeconds(158.1));
    }

    private static SchedulableNode On(int number, double idleSince, double rating = 0) => Make.Node(number) with { Power = Power with { Rating = rating }, IdleSince = At(idleSince) };

    private static SchedulableNode Off(int number) => Make.Node(number) with { Power = Power, PowerState = PowerState.Off };

    private static Farm Site(params SchedulableNode[] nodes) => Farm.Of(nodes).In(EnergyMode.Efficiency);

    private static Farm Tuned(Farm farm, int keepOn) => farm with { Settings = new() { Energy = new() { OffAfter = TimeSpan.FromMinutes(15), KeepOn = keepOn } } };

    private static SchedulingPlan Waiting(params (int Number, PlacementConstraint Constraint, DateTimeOffset? Start)[] waiting) => new()
    {
        Waiting = [.. waiting.Select(each => new WaitingTurn(new() { Attempt = Make.Attempt(each.Number) }, new() { Constraint = each.Constraint, NodesNeeded = 1, PlannedStart = each.Start }))],
    };

    private static ImmutableArray<string> Orders(Farm farm, SchedulingPlan? plan = null, int keepOn = 1) =>
        [.. new PowerPlanner().Orders(Tuned(farm, keepOn), plan ?? new(), At(12)).Select(order => $"{order.Node} {(order.On ? "on" : "off")}")];

    private static ImmutableArray<string> Orders(Farm farm, int keepOn) => Orders(farm, null, keepOn);
}
