using Orchestrator.Core.Forecasting;
using Orchestrator.Core.Forecasting.Analysis;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Core.Tests.Forecasting;

public sealed class AnalysisTests
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Calendar_features_are_ten_numbers_from_monday()
    {
        var sunday = UsageAnalysis.Features(new DateTimeOffset(2023, 1, 1, 12, 0, 0, TimeSpan.Zero));
        var monday = UsageAnalysis.Features(new DateTimeOffset(2023, 1, 2, 8, 0, 0, TimeSpan.Zero));

        sunday.Length.ShouldBe(10);
        (sunday[0], sunday[1], sunday[2], sunday[3], sunday[8], sunday[9]).ShouldBe((12, 1, 1, 6, 1, 2));
        (monday[3], monday[8], monday[9]).ShouldBe((0, 0, 1));
        sunday[5].ShouldBe(-1, 1e-9);
    }

    [Fact]
    public void Three_values_at_95_percent_are_seen_as_high()
    {
        var random = new Random(2);
        var series = Series(SeriesStep.Hour, 14 * 24, at => at is 300 or 301 or 302 ? 0.95 : 0.4 + (0.1 * random.NextDouble()));

        var anomalies = UsageAnalysis.Anomalies(series, 3, TimeSpan.FromDays(7));

        anomalies.Select(static each => each.Time).ShouldBe([Start.AddHours(300), Start.AddHours(301), Start.AddHours(302)]);
        anomalies.ShouldAllBe(static each => each.IsHigh && each.Score > 3 && each.Value == 0.95);
    }

    [Fact]
    public void Values_that_never_change_have_no_anomaly() => UsageAnalysis.Anomalies(Series(SeriesStep.Day, 30, static _ => 4)).ShouldBeEmpty();

    [Fact]
    public void Growth_is_percent_of_the_mean_a_day() => UsageAnalysis.GrowthPerDay(Series(SeriesStep.Day, 101, static at => 50 + at)).ShouldBe(1, 1e-9);

    [Theory]
    [InlineData("constant", UsagePattern.Constant), InlineData("up", UsagePattern.Increasing), InlineData("down", UsagePattern.Decreasing), InlineData("week", UsagePattern.Cyclical)]
    [InlineData("burst", UsagePattern.Burst), InlineData("spike", UsagePattern.Spiky), InlineData("wave", UsagePattern.Wave), InlineData("random", UsagePattern.Random)]
    public void Patterns_are_told_apart(string kind, UsagePattern expected)
    {
        var random = new Random(5);
        UsageAnalysis.PatternOf(Series(SeriesStep.Day, 200, at => kind switch
        {
            "constant" => 10,
            "up" => 10 + at + random.NextDouble(),
            "down" => 500 - at + random.NextDouble(),
            "week" => 10 + (5 * Math.Sin(2 * Math.PI * at / 7)) + random.NextDouble(),
            "burst" => random.NextDouble() < 0.6 ? 0 : 10 * random.NextDouble(),
            "spike" => random.NextDouble() + (at % 67 == 30 ? 90 : 10),
            "wave" => 10 + (5 * Math.Sin(2 * Math.PI * at / 90)),
            _ => 10 + (5 * random.NextDouble()),
        })).ShouldBe(expected);
    }

    [Fact]
    public void Statistics_have_their_percentiles()
    {
        var described = UsageAnalysis.Describe(Enumerable.Range(1, 101).Select(static each => (double)each).ToArray());

        (described.Mean, described.Median, described.Min, described.Max, described.P90, described.P95, described.P99).ShouldBe((51, 51, 1, 101, 91, 96, 100));
        described.Deviation.ShouldBe(29.3, 0.01);
    }

    [Fact]
    public void Bottlenecks_are_what_was_nearly_full_of_late()
    {
        var used = new Dictionary<string, TimeSeries> { ["cpu"] = Series(SeriesStep.Hour, 48, static at => at >= 42 ? 95 : 10), ["memory"] = Series(SeriesStep.Hour, 48, static _ => 50), ["gpu"] = Series(SeriesStep.Hour, 48, static _ => 1) };

        var found = UsageAnalysis.Bottlenecks(used, new Dictionary<string, double> { ["cpu"] = 100, ["memory"] = 100 });

        found.Keys.ShouldBe(["cpu"]);
        found["cpu"].ShouldBe(0.95, 1e-9);
    }

    [Fact]
    public void Accuracy_is_that_of_what_came()
    {
        var forecast = Forecaster.Forecast(Series(SeriesStep.Day, 60, static at => 100 + (at % 2)), new ForecastOptions { Horizon = 5 });

        var accuracy = UsageAnalysis.Accuracy(forecast, [100, 101, 100]);

        accuracy.Count.ShouldBe(3);
        accuracy.MeanAbsoluteError.ShouldBeInRange(0, 1);
        accuracy.MeanPercentageError!.Value.ShouldBeInRange(-1, 1);
        accuracy.RootMeanSquareError.ShouldBeGreaterThanOrEqualTo(accuracy.MeanAbsoluteError);
        accuracy.IsWithin15Percent.ShouldBeTrue();
    }

    private static TimeSeries Series(SeriesStep step, int count, Func<int, double> value) => new() { Step = step, First = SeriesCalendar.IndexOf(Start, step), Values = [.. Enumerable.Range(0, count).Select(value)] };
}
