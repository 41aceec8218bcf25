using Orchestrator.Agent.Attempts;
using Orchestrator.Agent.Processes;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Tests;

/// <summary>When an attempt is found to use more than was declared.</summary>
public sealed class ExcessWatchTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Memory_counts_when_two_samples_in_a_row_are_above_and_what_others_can_have_back_does_not()
    {
        var watch = new ExcessWatch(1000, 2, []);

        watch.LookAtMemory(900, static () => throw new InvalidOperationException("nothing is to be read while less is resident")).ShouldBeNull();
        watch.LookAtMemory(2000, static () => 500).ShouldBeNull();
        watch.LookAtMemory(2000, static () => 1500).ShouldBeNull();
        watch.LookAtMemory(2000, static () => 800).ShouldBeNull();
        watch.LookAtMemory(2000, static () => 1500).ShouldBeNull();
        watch.LookAtMemory(2000, static () => 1600).ShouldBe(new ResourceExcess { Resource = ExcessResource.Memory, Used = 1600, Declared = 1000 });
        watch.LookAtMemory(2000, static () => 1700).ShouldNotBeNull("nobody has it yet");
        watch.Told(ExcessResource.Memory);
        watch.LookAtMemory(2000, static () => 1700).ShouldBeNull();
    }

    [Fact]
    public void Where_nothing_was_declared_and_where_an_earlier_agent_told_it_nothing_is_told()
    {
        new ExcessWatch(0, 2, []).LookAtMemory(long.MaxValue, static () => long.MaxValue).ShouldBeNull();
        var told = new ExcessWatch(1, 1, [ExcessResource.Memory]);
        told.LookAtMemory(10, static () => 10).ShouldBeNull();
        told.LookAtMemory(10, static () => 10).ShouldBeNull();
    }

    [Fact]
    public void Cores_count_over_a_minute_and_well_above_what_was_given()
    {
        var watch = new ExcessWatch(0, 4, []);

        watch.LookAtCores(Start, TimeSpan.FromHours(5)).ShouldBeNull("what was used before anybody looked says nothing");
        watch.LookAtCores(Start.AddSeconds(30), TimeSpan.FromHours(6)).ShouldBeNull();
        watch.LookAtCores(Start.AddSeconds(60), TimeSpan.FromHours(5) + TimeSpan.FromSeconds(290)).ShouldBeNull();
        watch.LookAtCores(Start.AddSeconds(120), TimeSpan.FromHours(5) + TimeSpan.FromSeconds(290 + 480)).ShouldBe(new ResourceExcess { Resource = ExcessResource.Cores, Used = 8, Declared = 4 });
    }

    [Fact]
    public void The_memory_of_a_process_is_read_as_the_kernel_writes_it()
    {
        HeldMemory.Sum(["Rss:   9999 kB", "Pss_Anon:      1234 kB", "Pss_File: 77 kB", "Pss_Shmem:        6 kB", "SwapPss: x kB"], "Pss_Anon:", "Pss_Shmem:").ShouldBe(1240 * 1024);
        HeldMemory.Of(Environment.ProcessId).ShouldBeGreaterThan(1 << 20);
        HeldMemory.Of(int.MaxValue).ShouldBe(0);
    }
}
