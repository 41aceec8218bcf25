using System.Globalization;
using Orchestrator.Core.Replay;

namespace Orchestrator.Core.Tests.Replay;

/// <summary>The schedule that Batsim made of a workload, with its energy.</summary>
public sealed class BatsimTests
{
    [Fact]
    public void Every_job_starts_on_the_hosts_and_at_the_moment_of_Batsims_schedule()
    {
        var published = Traces.Rows("batsim-easy_jobs.csv.gz").ToDictionary(static row => row("job_id"));

        var result = Replay();

        result.Jobs.Length.ShouldBe(801);
        foreach (var job in result.Jobs)
        {
            var row = published[job.Job.Id];
            job.Start.TotalSeconds.ShouldBe(Number(row, "starting_time"), 1e-5, job.Job.Id);
            job.End.TotalSeconds.ShouldBe(Number(row, "finish_time"), 1e-5, job.Job.Id);
            Hosts(job).ShouldBe(row("allocated_resources"), job.Job.Id);
        }
    }

    [Fact]
    public void Its_numbers_are_Batsims()
    {
        var summary = ReplaySummary.Of(Replay());

        Math.Round(summary.MeanWait, 6).ShouldBe(9.516326);
        Math.Round(summary.MeanTurnaround, 6).ShouldBe(160.927071);
        Math.Round(summary.MeanSlowdown, 6).ShouldBe(1.391621);
        Math.Round(summary.Makespan, 2).ShouldBe(16088.51);
        Math.Round(summary.EnergyJoules / 1e6, 3).ShouldBe(48.909);
    }

    private static ReplayResult Replay() => WorkloadReplay.Run(
        Traces.Kept("batsim-medium_late.json.gz"), new ReplayOptions { Processors = 32, NamedHosts = true, Settings = ReplayPolicies.Named("easy")! }, cancellationToken: TestContext.Current.CancellationToken);

    private static double Number(Func<string, string> row, string column) => double.Parse(row(column), CultureInfo.InvariantCulture);

    /// <summary>As Batsim writes them.</summary>
    private static string Hosts(ReplayedJob job)
    {
        using var output = new StringWriter();
        JobsCsv.Write(output, new ReplayResult { Jobs = [job] });
        return output.ToString().TrimEnd().Split(',')[^1];
    }
}
