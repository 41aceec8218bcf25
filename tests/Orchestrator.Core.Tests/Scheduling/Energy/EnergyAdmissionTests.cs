using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Tests.Scheduling.Matching;
using Orchestrator.Core.Workflows;
using static Orchestrator.Core.Tests.Scheduling.Energy.EnergyCalendarTests;

namespace Orchestrator.Core.Tests.Scheduling.Energy;

public sealed class EnergyAdmissionTests
{
    /// <summary>Three hours of work that came at noon, when energy is dear until 20:00.</summary>
    private static readonly PendingRequest Noon = new()
    {
        Attempt = Make.Attempt(1),
        QueuedSince = At(12),
        DurationEstimate = TimeSpan.FromHours(3),
        Priority = PriorityClass.Low,
    };

    [Fact]
    public void Low_work_without_a_deadline_waits_for_the_cheap_hours_and_says_until_when()
    {
        var reason = Refusal(EnergyMode.Efficiency, Noon, 12).ShouldNotBeNull();

        reason.Constraint.ShouldBe(PlacementConstraint.Energy);
        reason.PlannedStart.ShouldBe(At(20));
        Refusal(EnergyMode.Efficiency, Noon, 19.9)!.PlannedStart.ShouldBe(At(20));
        Refusal(EnergyMode.Efficiency, Noon, 20).ShouldBeNull();
    }

    [Fact]
    public void Deferral_without_a_deadline_is_bounded()
    {
        Planned(EnergyMode.Efficiency, Noon with { QueuedSince = At(7) }, 9).ShouldBe(At(19), "after twelve hours in the queue it starts, with two of its three hours cheap");
        Planned(EnergyMode.Efficiency, Noon with { QueuedSince = At(-4) }, 9).ShouldBeNull();
    }

    [Theory]
    [InlineData(PriorityClass.Background, true)]
    [InlineData(PriorityClass.Low, true)]
    [InlineData(PriorityClass.Medium, false)]
    [InlineData(PriorityClass.High, false)]
    [InlineData(PriorityClass.Critical, false)]
    public void Without_a_deadline_only_low_and_background_work_is_put_off(PriorityClass priority, bool deferred) =>
        (Planned(EnergyMode.Efficiency, Noon with { Priority = priority }, 12) is not null).ShouldBe(deferred);

    [Fact]
    public void Medium_work_is_put_off_when_it_says_that_it_draws_much_power_and_high_work_never_is()
    {
        Planned(EnergyMode.Efficiency, Noon with { Priority = PriorityClass.Medium, EnergyIntensive = true }, 12).ShouldBe(At(20));
        Planned(EnergyMode.Efficiency, Noon with { Priority = PriorityClass.High, EnergyIntensive = true, Deadline = At(100) }, 12).ShouldBeNull();
    }

    [Fact]
    public void What_high_work_waits_for_what_is_protected_what_is_reserved_and_what_has_no_known_duration_starts_at_once()
    {
        Planned(EnergyMode.Efficiency, Noon with { Inherited = PriorityClass.High }, 12).ShouldBeNull();
        Planned(EnergyMode.Efficiency, Noon with { Protected = true }, 12).ShouldBeNull();
        Planned(EnergyMode.Efficiency, Noon with { Reservation = "r" }, 12).ShouldBeNull();
        Planned(EnergyMode.Efficiency, Noon with { DurationEstimate = null }, 12).ShouldBeNull();
    }

    [Theory]
    [InlineData(30, 20.0)]
    [InlineData(23.5, 19.5)]
    [InlineData(16, null)]
    [InlineData(12, null)]
    public void A_deadline_is_kept_with_a_margin_of_an_hour(double deadline, double? planned) =>
        Planned(EnergyMode.Efficiency, Noon with { Priority = PriorityClass.Medium, Deadline = At(deadline) }, 12).ShouldBe(planned is { } hour ? At(hour) : null);

    [Fact]
    public void The_slack_counts_all_the_work_ahead_and_how_long_it_may_take()
    {
        var due = Noon with { Deadline = At(30) };

        Planned(EnergyMode.Efficiency, due with { WorkAhead = TimeSpan.FromHours(17) }, 12).ShouldBeNull();
        Planned(EnergyMode.Efficiency, due with { WorkAhead = TimeSpan.FromHours(9.5) }, 12).ShouldBe(At(19.5));
        Planned(EnergyMode.Efficiency, due with { DurationExpected = TimeSpan.FromHours(2), DurationHigh = TimeSpan.FromHours(9.5), DurationEstimate = TimeSpan.FromHours(20) }, 12).ShouldBe(At(19.5));
    }

    [Fact]
    public void Balanced_puts_off_only_with_slack_for_one_and_a_half_of_the_duration()
    {
        var job = Noon with { Priority = PriorityClass.Medium, DurationEstimate = TimeSpan.FromHours(6) };

        Planned(EnergyMode.Balanced, job with { Deadline = At(12 + 1 + 6 + 9.1) }, 12).ShouldBe(At(20));
        Planned(EnergyMode.Balanced, job with { Deadline = At(12 + 1 + 6 + 8.9) }, 12).ShouldBeNull();
        Planned(EnergyMode.Efficiency, job with { Deadline = At(12 + 1 + 6 + 8.9) }, 12).ShouldBe(At(20));
        Planned(EnergyMode.Balanced, job with { Deadline = At(12 + 1 + 6 + 9.1) }, 18).ShouldBe(At(20), "slack counts from when it came, or it would be given up while it waits");
    }

    [Theory]
    [InlineData(EnergyMode.Absent)]
    [InlineData(EnergyMode.Performance)]
    public void Nothing_is_put_off_in_performance_mode_or_without_a_mode(EnergyMode mode) => Planned(mode, Noon with { EnergyIntensive = true }, 12).ShouldBeNull();

    [Fact]
    public void Night_savings_put_off_by_day_what_draws_much_power()
    {
        var medium = Noon with { Priority = PriorityClass.Medium };

        Planned(EnergyMode.NightSavings, medium, 12).ShouldBeNull();
        Planned(EnergyMode.NightSavings, medium with { EnergyIntensive = true }, 12).ShouldBe(At(22));
        Planned(EnergyMode.NightSavings, medium with { Resources = new() { Threads = 16 } }, 12).ShouldBe(At(22));
        Planned(EnergyMode.NightSavings, medium with { Resources = new() { Nodes = 4, RanksPerNode = 2, Threads = 2 } }, 12).ShouldBe(At(22));
        Planned(EnergyMode.NightSavings, medium with { Resources = new() { GpusPerNode = 1, MemoryPerNode = 64 * Farm.GB } }, 12).ShouldBe(At(22));
        Planned(EnergyMode.NightSavings, medium with { Resources = new() { GpusPerNode = 1, MemoryPerNode = 63 * Farm.GB } }, 12).ShouldBeNull();
        Planned(EnergyMode.NightSavings, medium with { EnergyIntensive = true, DurationEstimate = TimeSpan.FromHours(3) }, 23).ShouldBeNull();
        Planned(EnergyMode.NightSavings, medium with { EnergyIntensive = true, Deadline = At(18) }, 12).ShouldNotBe(At(22));
        Planned(EnergyMode.NightSavings, medium with { EnergyIntensive = true, Priority = PriorityClass.High }, 12).ShouldBeNull();
    }

    [Fact]
    public void Nothing_is_put_off_for_a_trifle()
    {
        var farm = Farm.Usual with { Context = new() { Energy = new() { Mode = EnergyMode.Efficiency, Prices = [Price(0, 100), Price(14, 99)] } } };

        Until(farm, Noon, 12).ShouldBeNull();
        Until(farm with { Settings = new() { Energy = new() { LeastSaving = 0.005 } } }, Noon, 12).ShouldBe(At(14));
    }

    [Fact]
    public void A_series_of_carbon_rules_where_there_is_one()
    {
        var farm = Farm.Usual with { Context = new() { Energy = new() { Mode = EnergyMode.Efficiency, Prices = [Price(0, 300), Price(14, 100), Price(17, 400)] } } };

        Until(farm, Noon, 12).ShouldBe(At(14));
    }

    [Fact]
    public void The_rule_says_when_it_decides_otherwise()
    {
        var rule = new EnergyAdmission();

        rule.NextChange(Farm.Usual.In(EnergyMode.Efficiency) with { Queue = [Noon, Noon with { QueuedSince = At(6.5) }] }, At(12)).ShouldBe(At(18.5));
        rule.NextChange(Farm.Usual.In(EnergyMode.Efficiency) with { Queue = [Noon with { Priority = PriorityClass.High }] }, At(12)).ShouldBeNull();
        rule.NextChange(Farm.Usual.In(EnergyMode.NightSavings), At(12)).ShouldBe(At(22));
        rule.NextChange(Farm.Usual with { Settings = new() { Energy = new() { Automatic = true } } }, At(23)).ShouldBe(At(30));
        rule.NextChange(Farm.Usual, At(12)).ShouldBeNull();
    }

    private static EnergyPrice Price(double hour, double price) => new() { From = At(hour), PerKilowattHour = price };

    private static WaitReason? Refusal(EnergyMode mode, PendingRequest request, double hour) => new EnergyAdmission().Open(Farm.Usual.In(mode), At(hour)).Refusal(request);

    private static DateTimeOffset? Planned(EnergyMode mode, PendingRequest request, double hour) => Refusal(mode, request, hour)?.PlannedStart;

    private static DateTimeOffset? Until(Farm farm, PendingRequest request, double hour) => new EnergyAdmission().Open(farm, At(hour)).Refusal(request)?.PlannedStart;
}
