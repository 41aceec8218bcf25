using Orchestrator.Cli.Usage;
using Orchestrator.Core.Forecasting.Planned;
using Orchestrator.Core.Usage;

namespace Orchestrator.Cli.Tests.Usage;

/// <summary>What the service counted, with what runs.</summary>
public sealed class ServiceUsageTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_has_ended_since_it_was_asked_for_is_counted_once()
    {
        PlannedDemand[] planned = [Demand("s-1", "a", runs: true), Demand("s-2", "a", runs: true), Demand("s-3", "a", runs: false), Demand("s-4", "a", runs: true)];
        UsageRecord[] ended =
        [
            new() { Simulation = "s-1", Stage = "a", From = Start.AddSeconds(1), Until = Start.AddHours(2) },
            new() { Simulation = "s-2", Stage = "a", From = Start.AddDays(-2), Until = Start },
            new() { Simulation = "s-4", Stage = "b", From = Start, Until = Start.AddHours(2) },
        ];

        var running = UsageFiles.Running(planned, ended, Start.AddHours(3)).ToArray();

        running.Select(static record => record.Simulation).ShouldBe(["s-2", "s-4"], "an earlier attempt of the stage, and another stage, are other ones");
        running.ShouldAllBe(static record => record.IsRunning && record.Amounts.Cores == 3 * 3600 * 8);
    }

    private static PlannedDemand Demand(string simulation, string stage, bool runs) =>
        new() { Simulation = simulation, Stage = stage, Project = "eth/climate", From = Start, Until = Start.AddHours(10), CoreHours = 80, Runs = runs };
}
