using Orchestrator.Agent.Machine;
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
        (use.GpuWatched, use.GpuBusy).ShouldBe((TimeSpan.Zero, TimeSpan.Zero));
    }

    [Fact]
    public void GPUs_are_busy_for_as_long_as_somebody_saw_it()
    {
        var meter = new UsageMeter(Start, cores: 4, gpus: 2);

        meter.LookAtGpus([0.9, 0.1], Start);
        meter.LookAtGpus([0.9, 0.1], Start.AddSeconds(10));
        meter.LookAtGpus([], Start.AddSeconds(20));
        meter.LookAtGpus([1, 1], Start.AddSeconds(19));
        meter.LookAtGpus([1, 0], Start.AddHours(5));

        var use = meter.Use(Start.AddHours(6));
        (use.GpuWatched, use.GpuBusy).ShouldBe((TimeSpan.FromSeconds(20 + 120), TimeSpan.FromSeconds(10 + 60)), "of five hours in which nobody looked a minute counts");
    }

    [Fact]
    public void What_nvidia_smi_prints_is_read_a_line_for_each_GPU() => GpuGauge.Parse("73\n 0 \n[N/A]\n100\n").ShouldBe([0.73, 0, null, 1]);

    [Fact]
    public void A_driver_that_hangs_holds_up_nobody_and_is_asked_once()
    {
        var clock = new SteppedTime();
        var asked = 0;
        var gauge = new GpuGauge(clock, _ =>
        {
            asked++;
            return new TaskCompletionSource<string?>().Task;
        });

        gauge.Look(CancellationToken.None).ShouldBeEmpty();
        clock.Advance(TimeSpan.FromMinutes(1));
        gauge.Look(CancellationToken.None).ShouldBeEmpty();

        asked.ShouldBe(1);
        new GpuGauge(clock, null).Look(CancellationToken.None).ShouldBeEmpty();
    }

    [Fact]
    public void A_driver_that_fails_is_asked_ever_less_often()
    {
        var clock = new SteppedTime();
        var answers = new Queue<string?>(["50\n", null, null, "7\n"]);
        var gauge = new GpuGauge(clock, _ => Task.FromResult(answers.Dequeue()));

        gauge.Look(CancellationToken.None);
        gauge.Look(CancellationToken.None).ShouldBe([0.5]);
        answers.Count.ShouldBe(3, "an answer holds for a while");

        clock.Advance(GpuGauge.Every);
        gauge.Look(CancellationToken.None).ShouldBe([0.5]);
        gauge.Look(CancellationToken.None).ShouldBeEmpty("it failed");
        clock.Advance(GpuGauge.Every);
        gauge.Look(CancellationToken.None);
        answers.Count.ShouldBe(2);
        clock.Advance(GpuGauge.Every);
        gauge.Look(CancellationToken.None);
        gauge.Look(CancellationToken.None);
        answers.Count.ShouldBe(1);
        clock.Advance(3 * GpuGauge.Every);
        gauge.Look(CancellationToken.None);
        answers.Count.ShouldBe(1);
        clock.Advance(GpuGauge.Every);
        gauge.Look(CancellationToken.None);
        gauge.Look(CancellationToken.None).ShouldBe([0.07]);
    }

    /// <summary>A clock that goes by hand, and on which nothing is ever due.</summary>
    private sealed class SteppedTime : TimeProvider
    {
        private long ticks = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => ticks += time.Ticks;

        public override long GetTimestamp() => ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
