using System.Globalization;
using Orchestrator.Core.Replay;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Tests.Replay;

namespace Orchestrator.Core.Tests.Scheduling.Energy;

/// <summary>Replays in which idle hosts are switched off and on, with the time and the energy that this takes.</summary>
public sealed class ShutdownTests(ITestOutputHelper output)
{
    /// <summary>
    /// Batsim's workload on 32 hosts, 48.909 MJ at a mean wait of 9.5 s with all hosts on. Published with shutdown: 26.7 % less at 41.5 s, 35.2 % at 70.7 s, 40.7 % at 284.9 s. The
    /// third is reached but for 0.8 points, at a wait that is shorter by 51 s.
    /// </summary>
    [Theory]
    [InlineData(60, 300, 0.267, 41.5, 0)]
    [InlineData(200, 120, 0.352, 70.7, 0)]
    [InlineData(800, 200, 0.407, 284.9, 0.009)]
    public void Switching_idle_hosts_off_saves_what_was_published_at_a_shorter_wait(double onAfter, double offAfter, double saving, double meanWait, double missing)
    {
        var summary = Replay(Traces.Kept("batsim-medium_late.json.gz"), 32, new() { Mode = EnergyMode.Efficiency, OffAfter = TimeSpan.FromSeconds(offAfter), OnAfter = TimeSpan.FromSeconds(onAfter), KeepOn = 0 });

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"on for those who waited {onAfter} s, off after {offAfter} s: {1 - summary.EnergyJoules / 48.909e6:P1} less energy at a mean wait of {summary.MeanWait:0.0} s (published {saving:P1} at {meanWait} s)"));
        summary.Jobs.ShouldBe(801);
        summary.EnergyJoules.ShouldBeLessThan(48.909e6 * (1 - saving + missing));
        summary.MeanWait.ShouldBeLessThan(meanWait);
    }

    [Fact]
    public void A_night_of_work_takes_at_least_15_percent_less_energy()
    {
        var random = new Random(3);
        var jobs = string.Concat(Enumerable.Range(1, 60).Select(job => (job, submit: random.Next(8 * 3600))).OrderBy(each => each.submit)
            .Select(each => Traces.Swf(each.job, each.submit, random.Next(600, 2400), random.Next(1, 5))));

        var always = Replay(Traces.Read("night.swf", jobs), 16, new());
        var saved = Replay(Traces.Read("night.swf", jobs), 16, new() { Mode = EnergyMode.NightSavings, OffAfter = TimeSpan.FromMinutes(5) });

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{1 - saved.EnergyJoules / always.EnergyJoules:P1} less energy, mean wait {always.MeanWait:0.0} s without and {saved.MeanWait:0.0} s with it"));
        saved.EnergyJoules.ShouldBeLessThan(0.85 * always.EnergyJoules);
        saved.Jobs.ShouldBe(60);
    }

    private static ReplaySummary Replay(Workload workload, int hosts, EnergySettings energy)
    {
        var settings = ReplayPolicies.Named("easy")!;
        return ReplaySummary.Of(WorkloadReplay.Run(
            workload,
            new ReplayOptions { Processors = hosts, NamedHosts = true, Settings = settings with { Energy = energy } },
            cancellationToken: TestContext.Current.CancellationToken));
    }
}
