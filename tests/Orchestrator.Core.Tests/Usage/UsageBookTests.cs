using Orchestrator.Core.Accounts;
using Orchestrator.Core.Forecasting.Planned;
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

    [Fact]
    public void Of_a_hundred_and_ten_days_the_newest_hundred_are_kept_where_a_hundred_fit()
    {
        var series = Enumerable.Range(0, 110).Aggregate(UsageSeries.Empty, static (all, day) => all.With(Day.AddDays(day), Day.AddDays(day + 1), new() { Cores = day + 1 }, SeriesStep.Day, daysMax: 100));

        series.By(SeriesStep.Day).Count.ShouldBe(100);
        series.By(SeriesStep.Day).Values.Select(static amounts => amounts.Cores).ShouldBe(Enumerable.Range(11, 100).Select(static cores => (double)cores), tolerance: 1e-6);
        series.Total.Cores.ShouldBe(110 * 111 / 2, 1e-6);
    }

    [Fact]
    public void What_an_attempt_used_on_several_nodes_counts_on_each_and_all_nodes_together_make_the_total()
    {
        var record = new UsageRecord { From = Day, Until = Day.AddHours(2), User = "ann", Node = "n-1", Nodes = ["n-1", "n-2", "n-3", "n-4"], CoresHeld = 32, Amounts = new() { Cores = 64 * 3600, Nodes = 8 * 3600, Attempts = 1 } };

        var book = UsageBook.Empty.With(record);

        var nodes = book.Totals(UsageDimension.Node);
        nodes.Keys.ShouldBe(["n-1", "n-2", "n-3", "n-4"]);
        nodes.Values.ShouldAllBe(static used => used.Cores == 16 * 3600 && used.Nodes == 2 * 3600);
        nodes.Values.Sum(static used => used.Attempts).ShouldBe(1);
        book.Totals(UsageDimension.Total)[""].Cores.ShouldBe(64 * 3600);
        UsageNames.Each([record], UsageDimension.Node).Select(static each => each.Name).ShouldBe(["n-1", "n-2", "n-3", "n-4"]);
        UsageNames.Each([record], UsageDimension.User).Single().Record.ShouldBe(record);
    }

    [Theory]
    [InlineData("n1", "n1")]
    [InlineData("n[01-03,07],login1", "n01 n02 n03 n07 login1")]
    [InlineData("rack[9-11]", "rack9 rack10 rack11")]
    [InlineData("r[1-2]n[1-2]", "r[1-2]n[1-2]")]
    [InlineData("n[3-1]", "n[3-1]")]
    [InlineData("n[1-", "n[1-")]
    public void Lists_of_nodes_are_read_as_Slurm_writes_them(string list, string names) => string.Join(' ', NodeListText.Expand(list)).ShouldBe(names);

    [Theory]
    [InlineData(4, 14_400), InlineData(0, 3600)]
    public void An_attempt_on_four_nodes_holds_four_node_hours_in_an_hour(int nodes, double seconds)
    {
        var use = new ResourceUse { WallTime = TimeSpan.FromHours(1), CoreTime = TimeSpan.FromHours(32), NodeTime = TimeSpan.FromHours(nodes) };

        UsageRecord.Of(Day, use, "ann", "eth/climate", "s-1", "coupled", "n-1").Amounts.Nodes.ShouldBe(seconds);
    }

    [Theory]
    [InlineData(1, true), InlineData(4, false)]
    public void Of_several_nodes_what_processors_did_and_memory_held_is_that_of_one(int nodes, bool isWhole)
    {
        var use = new ResourceUse
        {
            WallTime = TimeSpan.FromHours(1), CoreTime = TimeSpan.FromHours(32), CpuTime = TimeSpan.FromHours(8), NodeTime = TimeSpan.FromHours(nodes), GpuWatched = TimeSpan.FromHours(4), GpuBusy = TimeSpan.FromHours(1),
        };

        var record = UsageRecord.Of(Day, use, "ann", "eth/climate", "s-1", "coupled", "n-1");

        (record.IsBusyWhole, record.IsMemoryWhole, record.Institution, record.Project).ShouldBe((isWhole, isWhole, "eth", "climate"));
        record.GpuBusy.ShouldBe(isWhole ? 0.25 : (double?)null);
    }

    [Fact]
    public void What_runs_is_counted_up_to_now_by_what_it_holds()
    {
        var demand = new PlannedDemand { Simulation = "s-1", Stage = "coupled", User = "ann", Project = "eth/climate", From = Day, Until = Day.AddDays(90), CoreHours = 90 * 24 * 64, GpuHours = 90 * 24 * 0.5, Runs = true };

        var record = UsageRecord.Running(demand, Day.AddDays(30)).ShouldNotBeNull();

        record.Amounts.ShouldBe(new UsageAmounts { Cores = 30 * 24 * 3600 * 64.0, Gpus = 30 * 24 * 1800.0 });
        (record.From, record.Until, record.Institution, record.Project, record.User, record.IsRunning, record.CoresHeld).ShouldBe((Day, Day.AddDays(30), "eth", "climate", "ann", true, 64.0));
        UsageRecord.Running(demand, Day.AddDays(100))!.Amounts.Cores.ShouldBe(100 * 24 * 3600 * 64.0, "it runs for longer than was expected");
        UsageRecord.Running(demand with { Runs = false }, Day.AddDays(30)).ShouldBeNull();
        UsageRecord.Running(demand, Day).ShouldBeNull();
        UsageRecord.Running(demand with { Until = Day }, Day.AddDays(1)).ShouldBeNull();
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
