using Orchestrator.Core.Replay;

namespace Orchestrator.Core.Tests.Replay;

/// <summary>What the scheduler's own policy is worth against EASY in the same replay, with users' estimates: one policy for all traces.</summary>
public sealed class DefaultPolicyTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("easy-oracle-KTH-SP2.csv.gz", 100, 63.50)]
    [InlineData("easy-oracle-CTC-SP2.csv.gz", 338, 85.77)]
    [InlineData("lublin_256.swf.gz", 256, null)]
    public void It_slows_jobs_down_less_than_EASY_and_EASY_plus_plus_without_long_waits_or_idle_processors(string trace, int processors, double? easyPlusPlus)
    {
        var workload = Traces.Kept(trace);

        var easy = Replay(workload, processors, "easy");
        var own = Replay(workload, processors, "default");

        output.WriteLine($"slowdown {easy.AvgBoundedSlowdown:F2} -> {own.AvgBoundedSlowdown:F2}, longest wait x {own.MaxWait / easy.MaxWait:F3}, utilization {easy.Utilization:P2} -> {own.Utilization:P2}");
        own.AvgBoundedSlowdown.ShouldBeLessThan(easy.AvgBoundedSlowdown * 0.9);
        own.AvgBoundedSlowdown.ShouldBeLessThan(easyPlusPlus ?? double.MaxValue);
        own.MaxWait.ShouldBeLessThanOrEqualTo(easy.MaxWait * 1.25);
        own.Utilization.ShouldBeGreaterThanOrEqualTo(easy.Utilization - 0.005);
    }

    [Fact]
    public void Under_saturating_load_it_keeps_98_percent_of_the_cluster_at_work() =>
        Replay(Traces.Kept("lublin_256.swf.gz").WithLoad(2), 256, "default").UtilizationSaturated!.Value.ShouldBeGreaterThanOrEqualTo(0.98);

    private static ReplaySummary Replay(Workload workload, int processors, string policy) => ReplaySummary.Of(WorkloadReplay.Run(
        workload, new ReplayOptions { Processors = processors, Settings = ReplayPolicies.Named(policy)! }, cancellationToken: TestContext.Current.CancellationToken));
}
