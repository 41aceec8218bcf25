using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Energy;

namespace Orchestrator.Core.Tests.Scheduling.Energy;

public sealed class EnergyReportTests
{
    [Fact]
    public void Each_mode_saves_more_than_the_one_before_and_without_nodes_nothing_is_saved()
    {
        var report = EnergyReport.Of(View(nodes: 4), Make.Now);

        report.Savings.Keys.ShouldBe([EnergyMode.Balanced, EnergyMode.Efficiency, EnergyMode.NightSavings]);
        report.Savings[EnergyMode.Balanced].ShouldBeGreaterThan(0);
        report.Savings[EnergyMode.Efficiency].ShouldBeGreaterThan(report.Savings[EnergyMode.Balanced]);
        report.Savings[EnergyMode.NightSavings].ShouldBeGreaterThan(report.Savings[EnergyMode.Efficiency]);
        report.Savings[EnergyMode.NightSavings].ShouldBe(0.5, 1e-9);
        report.Watts.ShouldBe(1600);
        EnergyReport.Of(View(nodes: 0), Make.Now).Savings.Values.ShouldAllBe(static saved => saved == 0);
    }

    [Fact]
    public void Nobody_set_anything_so_the_policy_and_its_tariff_hold()
    {
        var report = EnergyReport.Of(View(nodes: 1, new() { Energy = new() { Mode = EnergyMode.Balanced } }), Make.Now);

        (report.Mode, report.InForce).ShouldBe((EnergyMode.Absent, EnergyMode.Balanced));
        report.Prices.ShouldBeEmpty();
        report.Ahead.Select(static price => (price.From, price.PerKilowattHour)).ShouldBe([(Make.Now, 0.15), (Make.Now.AddHours(8), 0.08), (Make.Now.AddHours(20), 0.15)]);
    }

    [Fact]
    public void What_was_set_goes_before_and_prices_that_are_over_are_not_ahead()
    {
        var view = View(nodes: 1);
        EnergyPrice[] prices = [.. Enumerable.Range(-2, 4).Select(static hour => new EnergyPrice { From = Make.Now.AddHours(hour), PerKilowattHour = 1 + hour })];
        view.SetContext(new() { Energy = new() { Mode = EnergyMode.NightSavings, Prices = [.. prices] } });

        var report = EnergyReport.Of(view, Make.Now.AddMinutes(-30));

        (report.Mode, report.InForce, report.Prices.Length).ShouldBe((EnergyMode.NightSavings, EnergyMode.NightSavings, 4));
        report.Ahead.Select(static price => price.From).ShouldBe(prices[1..].Select(static price => price.From));
    }

    private static SchedulingWorkspace View(int nodes, SchedulingSettings? settings = null)
    {
        var view = new SchedulingWorkspace(settings ?? new(), Make.PlainParts);
        for (var number = 0; number < nodes; number++)
        {
            view.SetNode(Make.Node(number));
        }

        return view;
    }
}
