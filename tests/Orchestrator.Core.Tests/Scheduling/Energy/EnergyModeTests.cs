using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Matching;
using Orchestrator.Core.Tests.Scheduling.Matching;
using Orchestrator.Core.Workflows;
using static Orchestrator.Core.Tests.Scheduling.Energy.EnergyCalendarTests;

namespace Orchestrator.Core.Tests.Scheduling.Energy;

public sealed class EnergyModeTests
{
    private static readonly EnergyMode[] Four = [EnergyMode.Performance, EnergyMode.Balanced, EnergyMode.Efficiency, EnergyMode.NightSavings];

    [Fact]
    public void Each_mode_that_is_set_is_in_force_and_goes_before_the_settings()
    {
        foreach (var mode in Four)
        {
            EnergyModes.InForce(Farm.Usual.In(mode), Make.Now).ShouldBe(mode);
            EnergyModes.InForce(Farm.Usual with { Settings = new() { Energy = new() { Mode = mode } } }, Make.Now).ShouldBe(mode);
            EnergyModes.InForce(Farm.Usual.In(mode) with { Settings = new() { Energy = new() { Mode = EnergyMode.Balanced, Automatic = true } } }, Make.Now).ShouldBe(mode);
        }

        EnergyModes.InForce(Farm.Usual, Make.Now).ShouldBe(EnergyMode.Absent);
    }

    [Theory]
    [InlineData(23, 0, EnergyMode.NightSavings)]
    [InlineData(5.9, 0, EnergyMode.NightSavings)]
    [InlineData(22, 1, EnergyMode.Efficiency)]
    [InlineData(6, 0, EnergyMode.Efficiency)]
    [InlineData(12, 6, EnergyMode.Performance)]
    [InlineData(12, 5, EnergyMode.Balanced)]
    [InlineData(12, 1, EnergyMode.Balanced)]
    [InlineData(21.9, 0, EnergyMode.Efficiency)]
    public void The_mode_that_follows_hour_and_queue(double hour, int urgent, EnergyMode expected)
    {
        var farm = Farm.Usual with
        {
            Settings = new() { Energy = new() { Automatic = true } },
            Queue = [.. Enumerable.Range(1, urgent).Select(number => Make.Cores(number, 1, priority: number % 2 == 0 ? PriorityClass.Critical : PriorityClass.High)), Make.Cores(99, 1)],
        };

        EnergyModes.InForce(farm, At(hour)).ShouldBe(expected);
    }

    [Fact]
    public void What_runs_counts_as_urgent_too_and_night_is_that_of_the_site()
    {
        var farm = Farm.Usual with
        {
            Settings = new() { Energy = new() { Automatic = true, UtcOffset = TimeSpan.FromHours(9) } },
            Leases = [new() { Priority = PriorityClass.High }],
        };

        EnergyModes.InForce(farm, At(14)).ShouldBe(EnergyMode.Efficiency);
        EnergyModes.InForce(farm, At(3)).ShouldBe(EnergyMode.Balanced);
    }

    [Fact]
    public void A_job_of_ten_hours_is_cheaper_by_night_and_in_efficiency()
    {
        var node = Farm.Cpu(1);
        var calendar = new EnergyCalendar(new DayTariff().Prices(At(0), At(72)));

        Cost(EnergyMode.Efficiency, 22).ShouldBeLessThan(Cost(EnergyMode.Efficiency, 10));
        Cost(EnergyMode.Efficiency, 10).ShouldBeLessThan(Cost(EnergyMode.Balanced, 10));
        Cost(EnergyMode.Efficiency, 10).ShouldBe(0.25 * 10 * 0.15, 1e-9);
        Cost(EnergyMode.Efficiency, 22).ShouldBe(0.25 * 10 * 0.08, 1e-9);

        double Cost(EnergyMode mode, double start) => EnergyWatts.Cost(EnergyWatts.Busy(node, mode), At(start), TimeSpan.FromHours(10), calendar);
    }

    [Fact]
    public void Estimated_savings_grow_from_mode_to_mode()
    {
        var savings = Four.Select(mode => EnergyWatts.Savings(Farm.Usual.Machines, mode)).ToArray();

        savings[0].ShouldBe(0);
        savings.ShouldBe(savings.Order());
        savings.Distinct().Count().ShouldBe(4);
        EnergyWatts.Savings([], EnergyMode.Efficiency).ShouldBe(0);
    }

    [Theory]
    [InlineData(NodeClass.Gpu, 800, 650, 500, 400)]
    [InlineData(NodeClass.Cpu, 400, 300, 250, 200)]
    [InlineData(NodeClass.Memory, 500, 400, 300, 250)]
    public void The_usual_watts_of_each_class_in_each_mode(NodeClass nodeClass, double performance, double balanced, double efficiency, double night) =>
        Four.Select(mode => EnergyWatts.Usual(nodeClass, mode)).ShouldBe([performance, balanced, efficiency, night]);

    [Fact]
    public void A_rating_takes_up_to_a_fifth_off_the_usual_watts_and_known_figures_go_before_both()
    {
        EnergyWatts.Busy(Farm.Cpu(1, rating: 100), EnergyMode.Performance).ShouldBe(320);
        EnergyWatts.Busy(Farm.Gpu(1, rating: 50), EnergyMode.Balanced).ShouldBe(585);
        EnergyWatts.Busy(Farm.Cpu(1) with { Power = new() { Idle = 100, Busy = 333, Rating = 100 } }, EnergyMode.NightSavings).ShouldBe(333);
        EnergyWatts.Busy(Farm.Gpu(1) with { Kind = "hybrid" }, EnergyMode.Performance).ShouldBe(800);
    }

    [Fact]
    public void A_rating_that_nobody_gave_follows_from_the_watts_of_a_core()
    {
        EnergyRating.Of(null, 4).ShouldBe(50);
        EnergyRating.Of(new() { Rating = 77, Busy = 1000 }, 4).ShouldBe(77);
        EnergyRating.Of(new() { Busy = 40 }, 4).ShouldBe(50);
        EnergyRating.Of(new() { Busy = 20 }, 4).ShouldBeGreaterThan(50);
    }

    [Fact]
    public void A_share_answers_for_its_part_of_the_idle_node_and_for_all_that_it_adds()
    {
        var node = new SchedulableNode { Cores = 10, Power = new() { Idle = 100, Busy = 300 } };
        var hour = TimeSpan.FromHours(1);

        EnergyWatts.Joules(new() { Cores = [0, 1] }, node, hour).ShouldBe(3600 * (20 + 40), 1e-6);
        EnergyWatts.Joules(new() { Cores = [0, 1], Exclusive = true }, node, hour).ShouldBe(3600 * (100 + 40), 1e-6);
        EnergyWatts.Joules(new() { Cores = [.. Enumerable.Range(0, 10)] }, node, hour).ShouldBe(3600 * 300, 1e-6);
        EnergyWatts.Joules(new() { Cores = [0] }, node with { Power = null }, hour, EnergyMode.Efficiency).ShouldBe(3600 * 25, 1e-6);
    }
}
