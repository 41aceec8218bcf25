using Orchestrator.Core.Forecasting;
using Orchestrator.Core.Forecasting.Planning;
using Orchestrator.Core.Forecasting.Series;
using Orchestrator.Core.Usage;

namespace Orchestrator.Core.Tests.Forecasting;

public sealed class PlanningTests
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_grant_that_is_used_too_fast_runs_out_when_arithmetic_says()
    {
        var plan = GrantPlanner.Plan(Grant(10_000, []), Days(100, 60));

        plan.Used.ShouldBe(6000, 20);
        plan.RunsOutAt!.Value.ShouldBe(Start.AddDays(100), TimeSpan.FromDays(2));
        plan.RunsOutEarliest!.Value.ShouldBeLessThanOrEqualTo(plan.RunsOutAt.Value);
        plan.LikelyToRunOut.ShouldBeGreaterThan(0.95);
        plan.Advice.ShouldContain(static line => line.Contains("runs out on 2024-04-", StringComparison.Ordinal));
    }

    [Fact]
    public void Hours_at_a_pull_back_date_are_at_risk_where_too_little_is_used()
    {
        var plan = GrantPlanner.Plan(Grant(40_000, [new(Start.AddDays(182), 0.5, 0.5), new(Start.AddDays(30), 0.25)]), Days(50, 60));

        plan.PullBacks.Select(static each => each.At).ShouldBe([Start.AddDays(30), Start.AddDays(182)]);
        var (past, coming) = (plan.PullBacks[0], plan.PullBacks[1]);
        past.AtRisk.ShouldBe(10_000 - (30 * 50), 60);
        past.RateNeeded.ShouldBeNull();
        coming.Needed.ShouldBe(20_000);
        coming.Used.Value.ShouldBe(182 * 50, 300);
        coming.Likely.ShouldBeGreaterThan(0.99);
        coming.AtRisk.ShouldBe(0.5 * (20_000 - (182 * 50)), 300);
        coming.RateNeeded!.Value.ShouldBe((20_000 - 3000) / 122.0, 2);
        plan.LikelyToExpire.ShouldBeGreaterThan(0.99);
        plan.Advice[0].ShouldContain("at risk");
    }

    [Fact]
    public void A_grant_that_is_over_tells_what_expired()
    {
        var plan = GrantPlanner.Plan(Grant(40_000, []), Days(50, 400));

        plan.TimeOver.ShouldBe(1);
        plan.ExpiresExpected.ShouldBe(40_000 - (366 * 50), 60);
        plan.Notes.ShouldContain("the grant is over");
    }

    [Fact]
    public void A_table_of_grants_tells_all_that_is_wrong()
    {
        var fault = Should.Throw<ForecastException>(() => GrantTable.Read(new StringReader("grant,allocation,from,until,pull_back,used_at_least\na,lots,2024-01-01,2024-12-31,,\nb,10,2024-01-01,2023-12-31,,\nc,10,2024-01-01,2024-12-31,2025-06-01,1.5\n"), "g.csv"));

        fault.Message.ShouldContain("g.csv:2: allocation: 'lots' is no number");
        fault.Message.ShouldContain("b: it ends at");
        fault.Message.ShouldContain("c: the pull-back of 2025-06-01 lies outside");
        fault.Message.ShouldContain("wants 1.5 used");
    }

    [Fact]
    public void Lines_of_one_grant_are_its_pull_backs()
    {
        var grant = GrantTable.Read(new StringReader("grant,allocation,from,until,pull_back,used_at_least,takes\na,100,2024-01-01,2024-12-31,2024-04-01,0.2,\na,100,2024-01-01,2024-12-31,2024-07-01,0.5,0.5\n"), "g.csv").Single();

        grant.PullBacks.ShouldBe([new(new(2024, 4, 1, 0, 0, 0, TimeSpan.Zero), 0.2), new(new(2024, 7, 1, 0, 0, 0, TimeSpan.Zero), 0.5, 0.5)]);
    }

    [Fact]
    public void Growing_demand_reaches_capacity_when_the_line_does()
    {
        var series = new TimeSeries { Step = SeriesStep.Day, First = SeriesCalendar.IndexOf(Start, SeriesStep.Day), Values = [.. Enumerable.Range(0, 300).Select(static at => 100.0 + at + (at % 3))] };

        var plan = CapacityPlanner.Plan(Forecaster.Forecast(series, new ForecastOptions { Horizon = 200 }), "cpu", 500);

        plan.RunsOutAt!.Value.ShouldBe(Start.AddDays(400), TimeSpan.FromDays(6));
        plan.RunsOutEarliest!.Value.ShouldBeLessThanOrEqualTo(plan.RunsOutAt.Value);
        plan.Likely.ShouldBeGreaterThan(0.99);
        Should.Throw<ForecastException>(() => CapacityPlanner.Plan(new SeriesForecast(), "cpu", 0)).Message.ShouldContain("allowed: above 0");
    }

    [Theory]
    [InlineData(100, 120, "increase"), InlineData(100, 80, "decrease"), InlineData(500, 600, "increase"), InlineData(500, 400, "decrease")]
    public void Every_justification_names_direction_resource_and_percent(double current, double recommended, string direction)
    {
        foreach (var goal in Enum.GetValues<PlanGoal>())
        {
            foreach (var timeframe in Enum.GetValues<PlanTimeframe>())
            {
                var text = Recommendation.Justify("memory", current, recommended, goal, timeframe, "because");

                text.ShouldContain(direction);
                text.ShouldContain("memory");
                text.ShouldContain("20.0%");
            }
        }
    }

    [Fact]
    public void A_recommendation_knows_its_change_and_when_it_was_carried_out()
    {
        var advice = new Recommendation { Resource = "cpu", Current = 32, Recommended = 40, Timeframe = PlanTimeframe.ShortTerm }.Implemented(Start, 7.5);

        advice.ChangePercent.ShouldBe(25);
        advice.ImplementedAt.ShouldBe(Start);
        advice.ActualImpact.ShouldBe(7.5);
        Recommendation.NameOf(advice.Timeframe).ShouldBe("short_term");
    }

    [Fact]
    public void Work_that_keeps_few_of_its_cores_busy_is_advised_fewer_but_never_below_four_fifths()
    {
        var runs = Enumerable.Range(0, 10).Select(at => new UsageRecord
        {
            From = Start.AddDays(at), Until = Start.AddDays(at).AddHours(2), Simulation = "s-1", Stage = "coupled", CoresHeld = 40, Limit = TimeSpan.FromHours(24),
            Amounts = new UsageAmounts { Cores = 40 * 7200, Busy = 10 * 7200, Attempts = 1 },
        });

        var advice = RightSizing.Of(runs);

        advice.Select(static each => (each.Subject, each.Resource, each.Recommended)).ShouldBe([("s-1/coupled", "cpu", 32), ("s-1/coupled", "walltime", 24 * 0.8)]);
        advice[0].Saves.ShouldBeGreaterThan(0);
        advice[0].Justification.ShouldContain("decrease cpu by 20.0%");
    }

    [Theory]
    [InlineData(10, 51.2)]
    [InlineData(45, 78)]
    public void Memory_is_advised_by_the_peaks_of_runs_at_three_quarters_with_the_buffer(double peak, double advised)
    {
        const double GiB = 1L << 30;
        var runs = Enumerable.Range(0, 10).Select(at => new UsageRecord
        {
            From = Start.AddDays(at), Until = Start.AddDays(at).AddHours(2), Simulation = "s-1", Stage = "coupled", CoresHeld = 8, MemoryHeld = 64 * GiB,
            Amounts = new UsageAmounts { Cores = 8 * 7200, Memory = peak * GiB * 7200, Attempts = 1 },
        });

        var advice = RightSizing.Of(runs).ShouldHaveSingleItem();

        (advice.Resource, advice.Unit, advice.Current, advice.Buffer).ShouldBe(("memory", "GiB", 64.0, 1.3));
        advice.Recommended.ShouldBe(advised, 1e-9);
        Math.Sign(advice.Saves).ShouldBe(Math.Sign(64 - advised));
    }

    [Fact]
    public void What_was_measured_of_a_part_alone_advises_nothing_for_the_whole()
    {
        const double GiB = 1L << 30;
        UsageRecord Run(int at) => new()
        {
            From = Start.AddDays(at), Until = Start.AddDays(at).AddHours(2), Simulation = "s-1", Stage = "coupled", CoresHeld = 256, MemoryHeld = 512 * GiB,
            Amounts = new UsageAmounts { Cores = 256 * 7200, Busy = 64 * 7200, Memory = 128 * GiB * 7200, Attempts = 1 },
        };
        var runs = Enumerable.Range(0, 10).Select(Run).ToArray();

        RightSizing.Of(runs).Select(static each => each.Resource).ShouldBe(["memory", "cpu"], ignoreOrder: true);
        RightSizing.Of(runs.Select(static run => run with { IsBusyWhole = false, IsMemoryWhole = false })).ShouldBeEmpty();
        RightSizing.Of(runs.Select(static run => run with { IsMemoryWhole = false })).ShouldHaveSingleItem().Resource.ShouldBe("cpu");
        RightSizing.Of(runs.Select(static run => run with { IsRunning = true })).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(4, 0.2, 3), InlineData(4, 0.6, 4), InlineData(10, 0.1, 8), InlineData(2, 0.1, 1), InlineData(1, 0.1, 1)]
    public void Work_that_keeps_few_of_its_GPUs_busy_is_advised_fewer_one_at_least(double held, double busy, double advised)
    {
        var runs = Enumerable.Range(0, 10).Select(at => new UsageRecord
        {
            From = Start.AddDays(at), Until = Start.AddDays(at).AddHours(2), Simulation = "s-1", Stage = "train", CoresHeld = 8, GpuBusy = busy,
            Amounts = new UsageAmounts { Cores = 8 * 7200, Gpus = held * 7200, Attempts = 1 },
        }).ToArray();

        var advice = RightSizing.Of(runs);

        (string, double)[] expected = advised < held ? [("gpu", advised)] : [];
        advice.Select(static each => (each.Resource, each.Recommended)).ShouldBe(expected);
        advice.ShouldAllBe(static each => each.Saves > 0 && each.Unit == "GPUs");
        RightSizing.Of(runs.Select(static run => run with { GpuBusy = null })).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(10), InlineData(30), InlineData(45), InlineData(60)]
    public void A_scenario_of_higher_priority_is_advised_no_less(double used)
    {
        const double GiB = 1L << 30;
        var runs = Enumerable.Range(0, 10).Select(at => new UsageRecord
        {
            From = Start.AddDays(at), Until = Start.AddDays(at).AddHours(2), Simulation = "s-1", Stage = "coupled", CoresHeld = 64, MemoryHeld = 64 * GiB, Limit = TimeSpan.FromHours(3),
            Amounts = new UsageAmounts { Cores = 64 * 7200, Busy = used * 7200, Memory = used * GiB * 7200, Attempts = 1 },
        }).ToArray();
        Dictionary<string, double> Advised(double? priority, PlanGoal goal)
        {
            var asked = new Dictionary<string, double> { ["cpu"] = 64, ["memory"] = 64, ["walltime"] = 3 };
            foreach (var advice in RightSizing.Of(runs, goal, priorityOf: simulation => simulation == "s-1" ? priority : null))
            {
                asked[advice.Resource] = advice.Recommended;
                advice.Priority.ShouldBe(priority);
            }

            return asked;
        }

        foreach (var goal in Enum.GetValues<PlanGoal>())
        {
            var before = Advised(null, goal);
            Advised(0.2, goal).ShouldBe(before, "who promises little needs what it needs");
            foreach (var priority in new[] { 0.3, 0.5, 0.6, 0.8 })
            {
                var (lower, higher) = (Advised(priority, goal), Advised(priority + 0.2, goal));
                higher.Keys.ShouldAllBe(resource => higher[resource] >= lower[resource] - 1e-9);
            }
        }

        RightSizing.Promise(1).ShouldBe(1.25);
        RightSizing.Of(runs, priorityOf: static _ => 0.9).ShouldAllBe(static advice => advice.Justification.Contains("its scenario has priority 0.90, which adds 20"));
    }

    [Fact]
    public void What_a_pull_back_needs_is_to_be_used_after_the_grant_has_begun()
    {
        var grant = new Grant { Name = "next", Allocation = 10_000, From = Start.AddDays(120), Until = Start.AddDays(486), PullBacks = [new(Start.AddDays(220), 0.5)] };

        GrantPlanner.Plan(grant, Days(50, 60)).PullBacks.ShouldHaveSingleItem().RateNeeded!.Value.ShouldBe(50, 1e-9);

        var idle = GrantPlanner.Plan(grant, Days(0, 60));
        idle.Advice[0].ShouldContain("use 50 a day until 2024-08-08 (nothing is expected), or 5,000 are at risk");
    }

    [Fact]
    public void The_last_day_of_a_grant_counts_and_an_hour_is_meant_as_it_is_said()
    {
        var grants = GrantTable.Read(new StringReader("grant,allocation,from,until\na,100,2024-01-01,2024-12-31\nb,100,2024-01-01,2024-12-31T12:00:00Z\nc,100,2024-02-29,2024-02-29\n"), "g.csv");

        grants.Select(static grant => grant.Until).ShouldBe([Start.AddYears(1), new(2024, 12, 31, 12, 0, 0, TimeSpan.Zero), new(2024, 3, 1, 0, 0, 0, TimeSpan.Zero)]);
    }

    [Fact]
    public void A_table_says_what_counts_against_a_grant_and_what_an_hour_costs()
    {
        var grants = GrantTable.Read(new StringReader("grant,allocation,from,until,project,simulation,cost_per_hour\na,100,2024-01-01,2024-12-31,eth/climate,,0.03\na,100,2024-01-01,2024-12-31,oceans,,\nb,100,2024-01-01,2024-12-31,,s-co2-*,\n"), "g.csv");

        grants.Length.ShouldBe(2);
        (grants[0].CostPerUnit, grants[1].CostPerUnit).ShouldBe((0.03, null));
        grants[0].Projects.ShouldBe(["eth/climate", "oceans"]);
        grants[0].Covers("eth", "climate", "s-1").ShouldBeTrue();
        grants[0].Covers("mit", "climate", "s-1").ShouldBeFalse();
        grants[0].Covers("mit", "oceans", "s-1").ShouldBeTrue();
        grants[1].Covers("eth", "climate", "s-co2-4x-1").ShouldBeTrue();
        grants[1].Covers("eth", "climate", "s-other").ShouldBeFalse();
    }

    [Fact]
    public void What_is_wrong_with_what_a_grant_covers_is_told_with_its_field()
    {
        var fault = Should.Throw<ForecastException>(() => GrantTable.Read(new StringReader("grant,allocation,from,until,project,simulation,cost_per_hour\na,100,2024-01-01,2024-12-31,a/b/c,,\nb,100,2024-01-01,2024-12-31,,s*x,-1\nc,100,2024-01-01,2024-12-31,,,cheap\nd,100,2024-01-01,2024-12-31,p,,1\nd,100,2024-01-01,2024-12-31,q,,2\n"), "g.csv"));

        fault.Message.ShouldContain("a: project: 'a/b/c' is no project");
        fault.Message.ShouldContain("b: simulation: 's*x' is no simulation");
        fault.Message.ShouldContain("b: cost_per_hour is -1");
        fault.Message.ShouldContain("g.csv:4: cost_per_hour: 'cheap' is no number");
        fault.Message.ShouldContain("g.csv:6: cost_per_hour: 'd' costs 2 here, and 1 in a line before");
    }

    private static Grant Grant(double allocation, PullBack[] pullBacks) => new() { Name = "g", Allocation = allocation, From = Start, Until = Start.AddDays(366), PullBacks = [.. pullBacks] };

    private static TimeSeries Days(double value, int count)
    {
        var random = new Random(1);
        return new() { Step = SeriesStep.Day, First = SeriesCalendar.IndexOf(Start, SeriesStep.Day), Values = [.. Enumerable.Range(0, count).Select(_ => value * (0.99 + (0.02 * random.NextDouble())))] };
    }
}
