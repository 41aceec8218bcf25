using Orchestrator.Core.Accounts;
using Orchestrator.Core.Forecasting.Series;
using Orchestrator.Core.Usage;

namespace Orchestrator.Core.Tests.Usage;

public sealed class UsageBookTests
{
    private static readonly DateTimeOffset Day = new(2024, 5, 6, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Use_is_spread_over_the_steps_in_which_it_was()
    {
        var series = UsageSeries.Empty.With(Day.AddHours(22), Day.AddHours(26), new UsageAmounts { Cores = 400, Attempts = 1 });

        series.Days.Values.Select(static day => day.Cores).ShouldBe([200, 200], 1e-9);
        series.Days.Values.Select(static day => day.Attempts).ShouldBe([0, 1]);
        series.Hours.Values.Select(static hour => hour.Cores).ShouldBe([100, 100, 100, 100], 1e-9);
        series.Months.Values.Single().Cores.ShouldBe(400, 1e-9);
        series.Total.Cores.ShouldBe(400);
    }

    [Fact]
    public void Fine_buckets_go_when_they_are_old_and_coarse_ones_keep_everything()
    {
        var series = UsageSeries.Empty;
        for (var day = 0; day < 1500; day++)
        {
            series = series.With(Day.AddDays(day), Day.AddDays(day).AddHours(1), new UsageAmounts { Cores = 3600, Attempts = 1 });
        }

        series.Minutes.Count.ShouldBeLessThanOrEqualTo(UsageSeries.MinutesMax);
        series.Hours.Count.ShouldBeLessThanOrEqualTo(UsageSeries.HoursMax);
        series.Days.Count.ShouldBe(UsageSeries.DaysMax);
        series.Months.Values.Sum(static month => month.Cores).ShouldBe(1500 * 3600, 1e-3);
        series.Total.Attempts.ShouldBe(1500);
    }

    [Fact]
    public void Months_of_one_attempt_leave_only_the_newest_minutes()
    {
        var series = UsageSeries.Empty.With(Day, Day.AddDays(200), new UsageAmounts { Cores = 200 });

        series.Minutes.Count.ShouldBe(UsageSeries.MinutesMax);
        series.Days.Count.ShouldBe(200);
        series.Days.Values.Sum(static day => day.Cores).ShouldBe(200, 1e-6);
    }

    [Fact]
    public void What_took_no_time_counts_where_it_was()
    {
        var series = UsageSeries.Empty.With(Day, Day, new UsageAmounts { Attempts = 1, Storage = 5 });

        series.Days.Keys.Single().ShouldBe(SeriesCalendar.IndexOf(Day, SeriesStep.Day));
        series.Days.Values.Single().Storage.ShouldBe(5);
    }

    [Fact]
    public void Every_dimension_adds_up_to_the_total()
    {
        var book = UsageBook.Empty;
        foreach (var at in Enumerable.Range(0, 20))
        {
            book = book.With(new UsageRecord
            {
                From = Day.AddHours(at), Until = Day.AddHours(at + 3), Institution = "eth", Project = "climate", User = at % 2 == 0 ? "ann" : "bob", Simulation = $"s-{at % 5}", Stage = "coupled", Node = $"n-{at % 3}",
                Amounts = new UsageAmounts { Cores = 100 + at, Attempts = 1 },
            });
        }

        var total = book.Totals(UsageDimension.Total)[""];
        total.Attempts.ShouldBe(20);
        foreach (var dimension in (UsageDimension[])[UsageDimension.Institution, UsageDimension.Project, UsageDimension.User, UsageDimension.Simulation, UsageDimension.Stage, UsageDimension.Node])
        {
            book.Totals(dimension).Values.Sum(static amounts => amounts.Cores).ShouldBe(total.Cores, 1e-6);
        }

        book.Rows(UsageDimension.User, SeriesStep.Day).Select(static row => row.Name).ShouldBe(["ann", "bob"]);
        book.Rows(UsageDimension.User, SeriesStep.Day, until: Day).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(4, 14_400), InlineData(0, 3600)]
    public void An_attempt_on_four_nodes_holds_four_node_hours_in_an_hour(int nodes, double seconds)
    {
        var use = new ResourceUse { WallTime = TimeSpan.FromHours(1), CoreTime = TimeSpan.FromHours(32), NodeTime = TimeSpan.FromHours(nodes) };

        UsageRecord.Of(Day, use, "ann", "eth/climate", "s-1", "coupled", "n-1").Amounts.Nodes.ShouldBe(seconds);
    }

    [Fact]
    public void Of_very_many_simulations_the_newest_are_told_apart_and_none_is_lost_from_the_total()
    {
        var book = UsageBook.Empty;
        for (var at = 0; at < UsageBook.NamesMax + 50; at++)
        {
            book = book.With(new UsageRecord { From = Day.AddHours(at), Until = Day.AddHours(at + 1), Simulation = $"s-{at:0000}", Amounts = new UsageAmounts { Cores = 1, Attempts = 1 } });
        }

        var simulations = book.Totals(UsageDimension.Simulation);
        simulations.Count.ShouldBe(UsageBook.NamesMax + 1);
        simulations.Keys.ShouldNotContain("s-0000");
        simulations[UsageBook.Others].Attempts.ShouldBe(50);
        book.Rows(UsageDimension.Simulation, SeriesStep.Month).Sum(static row => row.Amounts.Cores).ShouldBe(UsageBook.NamesMax + 50, 1e-9);
        book.Totals(UsageDimension.Total)[""].Attempts.ShouldBe(UsageBook.NamesMax + 50);
    }
}
