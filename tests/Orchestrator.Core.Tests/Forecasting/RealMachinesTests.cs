using Orchestrator.Core.Forecasting;
using Orchestrator.Core.Forecasting.Backtests;

namespace Orchestrator.Core.Tests.Forecasting;

public sealed class RealMachinesTests
{
    /// <summary>The baselines are published with the series: last value, mean of 12 months, seasonal naive, in this order.</summary>
    [Theory]
    [InlineData("HPC2N", 0.128, 0.073, 0.084)]
    [InlineData("LANL-CM5", 0.184, 0.123, 0.113)]
    public void Total_use_of_six_months_is_foreseen_better_than_by_every_published_baseline(string machine, double lastValue, double mean, double seasonalNaive)
    {
        var backtest = Backtest.Of(UsageTraces.Monthly(machine), new ForecastOptions { Horizon = 6 });

        backtest.Origins.ShouldBeGreaterThan(5);
        backtest.TotalError!.Value.ShouldBeLessThan(0.15);
        backtest.TotalError.Value.ShouldBeLessThan(lastValue);
        backtest.TotalError.Value.ShouldBeLessThan(mean);
        backtest.TotalError.Value.ShouldBeLessThan(seasonalNaive);
        backtest.Baselines.Values.ShouldAllBe(baseline => backtest.TotalError.Value < baseline);
    }

    [Fact]
    public void A_machine_of_a_year_is_too_short_to_look_back_and_says_so()
    {
        var backtest = Backtest.Of(UsageTraces.Monthly("KTH-SP2"), new ForecastOptions { Horizon = 6 });

        backtest.Origins.ShouldBe(0);
        backtest.TotalError.ShouldBeNull();
        backtest.Notes[^1].ShouldContain("12 values are too few");
    }

    [Fact]
    public void Nine_of_ten_days_of_users_lie_in_their_intervals()
    {
        var (pairs, covered) = (0, 0.0);
        foreach (var series in UsageTraces.DailyByUser("easy-oracle-KTH-SP2.csv.gz", 63))
        {
            var backtest = Backtest.Of(series, new ForecastOptions { Horizon = 7 }, 8);
            pairs += backtest.Origins;
            covered += backtest.Coverage * backtest.Origins;
        }

        pairs.ShouldBeGreaterThan(1000);
        (covered / pairs).ShouldBeInRange(0.85, 0.95);
    }
}
