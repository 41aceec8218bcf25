using Orchestrator.Core.Checkpoints;

namespace Orchestrator.Core.Tests.Checkpoints;

public sealed class CheckpointIntervalTests
{
    private static readonly TimeSpan Restart = TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData(1, 24, 53.67, 53.00)]
    [InlineData(5, 24, 120.00, 116.69)]
    [InlineData(5, 6, 60.00, 56.71)]
    [InlineData(5, 1, 24.49, 21.27)]
    [InlineData(10, 6, 84.85, 78.32)]
    [InlineData(20, 4, 97.98, 85.10)]
    [InlineData(60, 1, 84.85, 49.57)]
    public void Young_and_Daly_give_the_reference_intervals_in_minutes(int cost, int hours, double young, double daly)
    {
        CheckpointInterval.Young(TimeSpan.FromMinutes(cost), TimeSpan.FromHours(hours)).TotalMinutes.ShouldBe(young, 0.00501);
        CheckpointInterval.Daly(TimeSpan.FromMinutes(cost), TimeSpan.FromHours(hours)).TotalMinutes.ShouldBe(daly, 0.00501);
    }

    [Theory]
    [InlineData(1, 24, 53.00, 1.0455, 1.0454, 1.0454)]
    [InlineData(5, 24, 116.69, 1.0958, 1.0958, 1.0958)]
    [InlineData(5, 6, 56.71, 1.2207, 1.2204, 1.2204)]
    [InlineData(5, 1, 21.28, 1.8372, 1.8307, 1.8307)]
    [InlineData(10, 6, 78.32, 1.3150, 1.3141, 1.3141)]
    [InlineData(20, 4, 85.13, 1.6213, 1.6156, 1.6156)]
    [InlineData(60, 1, 50.48, 8.5047, 7.4500, 7.4489)]
    public void The_expected_wall_time_has_the_reference_ratio(int cost, int hours, double optimum, double atYoung, double atDaly, double atOptimum)
    {
        var d = TimeSpan.FromMinutes(cost);
        var m = TimeSpan.FromHours(hours);
        double Ratio(TimeSpan interval) => CheckpointInterval.ExpectedWallTimeRatio(interval, d, Restart, m);

        Ratio(CheckpointInterval.Young(d, m)).ShouldBe(atYoung, 0.0000501);
        Ratio(CheckpointInterval.Daly(d, m)).ShouldBe(atDaly, 0.0000501);
        Ratio(TimeSpan.FromMinutes(optimum)).ShouldBe(atOptimum, 0.0000501);
    }

    [Fact]
    public void A_checkpoint_that_costs_twice_the_time_between_failures_is_taken_once_in_that_time() =>
        CheckpointInterval.Daly(TimeSpan.FromHours(2), TimeSpan.FromHours(1)).ShouldBe(TimeSpan.FromHours(1));

    [Fact]
    public void Times_too_long_to_multiply_give_the_longest_time() =>
        CheckpointInterval.Young(TimeSpan.MaxValue, TimeSpan.MaxValue).ShouldBe(TimeSpan.MaxValue);

    [Fact]
    public void Very_rare_failures_cost_the_checkpoints_alone() =>
        CheckpointInterval.ExpectedWallTimeRatio(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1), TimeSpan.Zero, TimeSpan.FromDays(10_000_000))
            .ShouldBe(1.1, 1e-10);

    [Fact]
    public void Times_outside_their_range_are_refused()
    {
        var hour = TimeSpan.FromHours(1);

        Should.Throw<ArgumentOutOfRangeException>(() => CheckpointInterval.Young(-hour, hour)).ParamName.ShouldBe("cost");
        Should.Throw<ArgumentOutOfRangeException>(() => CheckpointInterval.Daly(hour, TimeSpan.Zero)).ParamName.ShouldBe("meanTimeBetweenFailures");
        Should.Throw<ArgumentOutOfRangeException>(() => CheckpointInterval.ExpectedWallTimeRatio(TimeSpan.Zero, hour, hour, hour)).ParamName.ShouldBe("interval");
        Should.Throw<ArgumentOutOfRangeException>(() => CheckpointInterval.ExpectedWallTimeRatio(hour, hour, -hour, hour)).ParamName.ShouldBe("restart");
    }
}
