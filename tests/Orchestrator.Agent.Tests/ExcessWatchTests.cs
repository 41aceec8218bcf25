using Orchestrator.Agent.Attempts;
using Orchestrator.Agent.Processes;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Tests;

/// <summary>When an attempt is found to use more than was declared.</summary>
public sealed class ExcessWatchTests
{
    private readonly SteppedClock clock = new();

    [Fact]
    public void Memory_counts_when_two_samples_in_a_row_are_above_and_what_others_can_have_back_does_not()
    {
        var watch = new ExcessWatch(1000, 2, [], clock);

        watch.LookAtMemory(900, Unread, Unread).ShouldBeNull("nothing is to be read while less is resident");
        watch.LookAtMemory(2000, static () => 900, Unread).ShouldBeNull("nothing is walked through while it cannot be too much");
        Held(500).ShouldBeNull();
        clock.Step(TimeSpan.FromMinutes(1));
        Held(1500).ShouldBeNull();
        Held(800).ShouldBeNull();
        clock.Step(TimeSpan.FromMinutes(1));
        Held(1500).ShouldBeNull();
        Held(1600).ShouldBe(new ResourceExcess { Resource = ExcessResource.Memory, Used = 1600, Declared = 1000 });
        Held(1700).ShouldNotBeNull("nobody has it yet");
        watch.Told(ExcessResource.Memory);
        Held(1700).ShouldBeNull();

        ResourceExcess? Held(long bytes) => watch.LookAtMemory(2000, static () => 1900, () => bytes);
    }

    [Fact]
    public void What_is_resident_and_mostly_shared_is_walked_through_now_and_then_only()
    {
        var (watch, walked) = (new ExcessWatch(1000, 2, [], clock), 0);

        for (var second = 0; second < 120; second++)
        {
            watch.LookAtMemory(64_000, static () => 64_000, Walk).ShouldBeNull();
            clock.Step(TimeSpan.FromSeconds(1));
        }

        walked.ShouldBe(4);

        long Walk()
        {
            walked++;
            return 900;
        }
    }

    [Fact]
    public void Where_nothing_was_declared_and_where_an_earlier_agent_told_it_nothing_is_told()
    {
        new ExcessWatch(0, 2, [], clock).LookAtMemory(long.MaxValue, Unread, Unread).ShouldBeNull();
        var told = new ExcessWatch(1, 1, [ExcessResource.Memory], clock);
        told.LookAtMemory(10, static () => 10, static () => 10).ShouldBeNull();
        told.LookAtMemory(10, static () => 10, static () => 10).ShouldBeNull();
    }

    [Fact]
    public void Cores_count_over_a_minute_and_well_above_what_was_given()
    {
        var watch = new ExcessWatch(0, 4, [], clock);

        watch.LookAtCores(TimeSpan.FromHours(5)).ShouldBeNull("what was used before anybody looked says nothing");
        clock.Step(TimeSpan.FromSeconds(30));
        watch.LookAtCores(TimeSpan.FromHours(6)).ShouldBeNull();
        clock.Step(TimeSpan.FromSeconds(30));
        watch.LookAtCores(TimeSpan.FromHours(5) + TimeSpan.FromSeconds(290)).ShouldBeNull();
        clock.Step(TimeSpan.FromSeconds(60));
        watch.LookAtCores(TimeSpan.FromHours(5) + TimeSpan.FromSeconds(290 + 480)).ShouldBe(new ResourceExcess { Resource = ExcessResource.Cores, Used = 8, Declared = 4 });
    }

    [Fact]
    public void A_clock_that_is_set_back_makes_nobody_use_more_than_he_does()
    {
        var watch = new ExcessWatch(0, 4, [], clock);

        watch.LookAtCores(TimeSpan.Zero).ShouldBeNull();
        clock.Step(TimeSpan.FromSeconds(120));
        clock.Set(TimeSpan.FromSeconds(-60));
        watch.LookAtCores(TimeSpan.FromSeconds(4 * 120)).ShouldBeNull();
    }

    [Fact]
    public void Where_the_kernel_does_not_tell_the_kinds_apart_what_ranks_share_does_not_count_for_each()
    {
        string[] old = ["Rss:             9000 kB", "Pss:             1500 kB", "Shared_Dirty:    8000 kB", "Anonymous:        900 kB"];

        HeldMemory.Of(old, 8900 * 1024).ShouldBe(1500 * 1024);
        HeldMemory.Of(old, 1000 * 1024).ShouldBe(1000 * 1024, "the rest is of files");
        HeldMemory.Of([.. old, "Pss_Anon:         300 kB", "Pss_Shmem:         50 kB"], 8900 * 1024).ShouldBe(350 * 1024);
        HeldMemory.Of([], 8900 * 1024).ShouldBe(8900 * 1024);
        HeldMemory.AtMost(Environment.ProcessId).ShouldBeGreaterThan(1 << 20);
    }

    [Fact]
    public void The_memory_of_a_process_is_read_as_the_kernel_writes_it()
    {
        HeldMemory.Sum(["Rss:   9999 kB", "Pss_Anon:      1234 kB", "Pss_File: 77 kB", "Pss_Shmem:        6 kB", "SwapPss: x kB"], "Pss_Anon:", "Pss_Shmem:").ShouldBe(1240 * 1024);
        HeldMemory.Of(Environment.ProcessId).ShouldBeGreaterThan(1 << 20);
        HeldMemory.Of(int.MaxValue).ShouldBe(0);
    }

    private static long Unread() => throw new InvalidOperationException("nothing is to be read");

    private sealed class SteppedClock : TimeProvider
    {
        private long passed = TimeSpan.TicksPerDay;
        private DateTimeOffset now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => passed;

        public override DateTimeOffset GetUtcNow() => now;

        public void Step(TimeSpan by) => (passed, now) = (passed + by.Ticks, now + by);

        /// <summary>Somebody sets the clock: no time passes.</summary>
        public void Set(TimeSpan by) => now += by;
    }
}
