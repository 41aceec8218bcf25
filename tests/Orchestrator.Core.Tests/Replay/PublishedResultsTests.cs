using System.Globalization;
using Orchestrator.Core.Replay;

namespace Orchestrator.Core.Tests.Replay;

/// <summary>Replays of real logs against results that others published, job by job.</summary>
public sealed class PublishedResultsTests
{
    [Theory]
    [InlineData("KTH-SP2", 100, "wait_easy_clairvoyant", "easy", true, 71.7224, 6327.68)]
    [InlineData("CTC-SP2", 338, "wait_easy_clairvoyant", "easy", true, 37.1654, 13581.72)]
    [InlineData("KTH-SP2", 100, "wait_easy", "easy", false, 92.5765, 6836.87)]
    [InlineData("CTC-SP2", 338, "wait_easy", "easy", false, 49.5713, 14272.59)]
    [InlineData("KTH-SP2", 100, "wait_easysjbf_clairvoyant", "easy-sjbf", true, 49.8477, 5436.02)]
    [InlineData("CTC-SP2", 338, "wait_easysjbf_clairvoyant", "easy-sjbf", true, 17.5717, 10004.96)]
    public void Every_job_starts_when_it_was_published_to_start(string machine, int processors, string column, string policy, bool perfect, double slowdown, double meanWait)
    {
        var name = $"easy-oracle-{machine}.csv.gz";
        var workload = Traces.Kept(name);

        var result = Replay(perfect ? workload.WithPerfectEstimates() : workload, processors, policy);

        var published = Traces.Rows(name).Select(row => long.Parse(row(column), CultureInfo.InvariantCulture)).ToList();
        result.Jobs.Select((job, index) => (job, index)).Count(each => each.job.Wait.TotalSeconds != published[each.index]).ShouldBe(0);
        var summary = ReplaySummary.Of(result);
        Math.Round(summary.AvgBoundedSlowdown, 4).ShouldBe(slowdown);
        Math.Round(summary.MeanWait, 2).ShouldBe(meanWait);
    }

    [Theory]
    [InlineData("KTH-SP2", 100, 6814.97)]
    [InlineData("CTC-SP2", 338, 3651.57)]
    public void Without_backfill_jobs_are_slowed_down_as_much_as_was_published(string machine, int processors, double slowdown) =>
        Math.Round(ReplaySummary.Of(Replay(Traces.Kept($"easy-oracle-{machine}.csv.gz"), processors, "fcfs")).AvgBoundedSlowdown, 2).ShouldBe(slowdown);

    private static ReplayResult Replay(Workload workload, int processors, string policy) =>
        WorkloadReplay.Run(workload, new ReplayOptions { Processors = processors, Settings = ReplayPolicies.Named(policy)! }, cancellationToken: TestContext.Current.CancellationToken);
}
