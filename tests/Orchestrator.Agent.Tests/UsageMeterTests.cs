using Orchestrator.Agent.Processes;

namespace Orchestrator.Agent.Tests;

/// <summary>What an attempt is counted for.</summary>
public sealed class UsageMeterTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_part_of_a_GPU_counts_as_a_part()
    {
        var use = new UsageMeter(Start, cores: 4, gpus: 0.25).Use(Start.AddHours(2));

        use.GpuTime.ShouldBe(TimeSpan.FromMinutes(30));
        use.CoreTime.ShouldBe(TimeSpan.FromHours(8));
    }
}
