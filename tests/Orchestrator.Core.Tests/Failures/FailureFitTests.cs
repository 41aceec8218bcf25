using Orchestrator.Core.Failures;
using Orchestrator.Core.Tests.Replay;

namespace Orchestrator.Core.Tests.Failures;

public sealed class FailureFitTests
{
    private const string Lanl = "LANL-LA-UR-05-7318-failures-1996-2005.csv.gz";

    [Theory]
    [InlineData("2", 0.638, 376.7)]
    [InlineData("16", 0.648, 227.6)]
    [InlineData("18", 0.671, 4132)]
    [InlineData("19", 0.700, 4053)]
    public void Nodes_of_Los_Alamos_fail_with_the_published_shape_and_mean_time(string system, double shape, double meanHours)
    {
        var intervals = Log().Of(system).Intervals().ToList();

        var fitted = FailureFit.Weibull(intervals);

        fitted.Shape.ShouldBe(shape, 0.002);
        intervals.Where(static time => time > TimeSpan.Zero).Average(static time => time.TotalHours).ShouldBe(meanHours, meanHours * 0.005);

        // The fitted distribution has the heavy tail that the few years of the log cut off.
        fitted.Mean.TotalHours.ShouldBe(meanHours, meanHours * 0.1);
    }

    [Fact]
    public void Repairs_at_Los_Alamos_are_lognormal_as_published()
    {
        var fitted = FailureFit.Lognormal(Log().Repairs());

        Math.Log(fitted.Median.TotalMinutes).ShouldBe(4.154, 0.001);
        fitted.Sigma.ShouldBe(1.402, 0.001);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2.5)]
    public void What_was_drawn_is_found_again(double shape)
    {
        var drawn = TimeDistribution.Weibull.WithMean(shape, TimeSpan.FromHours(100));
        var random = new SeededRandom(7, "test");

        var fitted = FailureFit.Weibull(Enumerable.Range(0, 20_000).Select(_ => drawn.Draw(random)).ToList());

        fitted.Shape.ShouldBe(shape, shape * 0.03);
        fitted.Mean.TotalHours.ShouldBe(100, 4);
    }

    [Fact]
    public void What_has_not_failed_yet_makes_failures_rarer()
    {
        TimeSpan[] failed = [TimeSpan.FromHours(1), TimeSpan.FromHours(5), TimeSpan.FromHours(30)];

        var alone = FailureFit.Weibull(failed);
        var with = FailureFit.Weibull(failed, [TimeSpan.FromHours(100), TimeSpan.FromHours(100)]);

        with.Mean.ShouldBeGreaterThan(alone.Mean);
    }

    [Fact]
    public void Too_little_to_fit_is_refused()
    {
        Should.Throw<ArgumentException>(() => FailureFit.Weibull([TimeSpan.FromHours(1)])).Message.ShouldContain("at least two");
        Should.Throw<ArgumentException>(() => FailureFit.Weibull([TimeSpan.FromHours(1), TimeSpan.FromHours(-1)])).Message.ShouldContain("negative");
        Should.Throw<ArgumentException>(() => FailureFit.Lognormal([TimeSpan.Zero])).Message.ShouldContain("at least two");
        Should.Throw<ArgumentOutOfRangeException>(() => new TimeDistribution.Weibull(0, TimeSpan.FromHours(1)));
        Should.Throw<ArgumentOutOfRangeException>(() => new TimeDistribution.Lognormal(TimeSpan.Zero, 1));
    }

    [Theory]
    [InlineData("when,what\n1,2\n", "heading with the columns")]
    [InlineData("node,started\nn1,yesterday\n", "x.csv:2: started")]
    [InlineData("node,started\nn1\n", "x.csv:2: it has 1 columns")]
    [InlineData("node,started,down_minutes\nn1,2026-01-01T00:00:00Z,-3\n", "x.csv:2: down_minutes")]
    public void A_table_that_is_no_log_of_failures_is_refused_with_its_place(string text, string problem)
    {
        using var content = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text));

        Should.Throw<FormatException>(() => FailureLog.Read(content, "x.csv")).Message.ShouldContain(problem);
    }

    private static FailureLog Log()
    {
        using var content = File.OpenRead(Traces.PathOf(Lanl));
        return FailureLog.Read(content, Lanl);
    }
}
