using System.Globalization;
using Orchestrator.Core.Replay;
using Orchestrator.Core.Scheduling.Energy;

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

    /// <summary>Published for EASY with shutdown of idle hosts: 26.7 % less energy at a mean wait of 41.5 s.</summary>
    [Fact]
    public void Switching_idle_hosts_off_saves_what_was_published_at_less_than_half_of_the_wait()
    {
        var off = new EnergySettings { Mode = EnergyMode.Efficiency, OffAfter = TimeSpan.FromMinutes(5) };

        var summary = ReplaySummary.Of(Replay(off));

        summary.EnergyJoules.ShouldBeLessThan(48.909e6 * (1 - 0.267));
        summary.MeanWait.ShouldBeLessThan(41.5 / 2);
        summary.Jobs.ShouldBe(801);
    }

    [Fact]
    public void A_host_that_is_off_costs_its_switches_and_what_it_draws_between_them()
    {
        // One host of two idles from 0 on; it is off from 60 s + 6.1 s until 1000 s, and takes the second job 152 s later.
        var workload = Traces.Read("a.swf", Traces.Swf(1, 0, 2000, 1) + Traces.Swf(2, 1000, 100, 1));
        var options = new ReplayOptions
        {
            Processors = 2,
            NamedHosts = true,
            Settings = ReplayPolicies.Named("easy")! with { Energy = new EnergySettings { Mode = EnergyMode.Efficiency, OffAfter = TimeSpan.FromSeconds(60), KeepOn = 0 } },
        };

        var result = WorkloadReplay.Run(workload, options, cancellationToken: TestContext.Current.CancellationToken);

        result.Jobs[1].Start.TotalSeconds.ShouldBe(1152);
        var (first, untilOff, off, working) = (2000 * 190.738, (60 * 95) + 620, ((1000 - 66.1) * 9.75) + 19_030, 100 * 190.738);
        var (idle, offAgain) = ((60 * 95) + 620, (2000 - 1252 - 66.1) * 9.75);
        result.Joules.ShouldBe(first + untilOff + off + working + idle + offAgain, 1);
    }

    private static ReplayResult Replay(EnergySettings? energy = null) => WorkloadReplay.Run(
        Traces.Kept("batsim-medium_late.json.gz"),
        new ReplayOptions { Processors = 32, NamedHosts = true, Settings = ReplayPolicies.Named("easy")! with { Energy = energy ?? new EnergySettings() } },
        cancellationToken: TestContext.Current.CancellationToken);

    private static double Number(Func<string, string> row, string column) => double.Parse(row(column), CultureInfo.InvariantCulture);

    /// <summary>As Batsim writes them.</summary>
    private static string Hosts(ReplayedJob job)
    {
        using var output = new StringWriter();
        JobsCsv.Write(output, new ReplayResult { Jobs = [job] });
        return output.ToString().TrimEnd().Split(',')[^1];
    }
}
