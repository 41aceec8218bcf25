using Orchestrator.Agent.Machine;
using Orchestrator.Core.Ids;

namespace Orchestrator.Agent.Tests;

public sealed class StorageProbeTests
{
    [Fact]
    public void Storage_that_answers_says_how_full_it_is_and_how_long_a_few_durable_bytes_took_and_keeps_nothing()
    {
        var directory = Directory.CreateTempSubdirectory().FullName;
        var data = Path.Combine(directory, "data");

        var found = Until(StorageProbe.Of(data, new NodeId("n-1"), TimeProvider.System), static pressure => pressure.StorageWait is not null && pressure.Disk is not null);

        found.StorageFault.ShouldBeNull();
        found.Disk.ShouldNotBeNull().ShouldBeInRange(0, 1);
        Directory.EnumerateFileSystemEntries(data).ShouldBeEmpty();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public void Storage_that_hangs_holds_nobody_up_and_its_wait_grows_until_it_answers()
    {
        var time = new HandClock();
        using var hangs = new ManualResetEventSlim();
        var probe = new StorageProbe(time, static () => (0.25, null), hangs.Wait);
        probe.Look();
        time.Advance(TimeSpan.FromSeconds(12));

        probe.Look().StorageWait.ShouldBe(TimeSpan.FromSeconds(12));
        time.Advance(TimeSpan.FromSeconds(8));
        probe.Look().StorageWait.ShouldBe(TimeSpan.FromSeconds(20));

        hangs.Set();
        var after = Until(probe, static pressure => pressure.Disk is not null);
        after.Disk.ShouldBe(0.25);
        after.StorageWait.ShouldBe(TimeSpan.FromSeconds(20));
        time.Advance(StorageProbe.WriteEvery);
        Until(probe, static pressure => pressure.StorageWait == TimeSpan.Zero).StorageFault.ShouldBeNull();
    }

    [Fact]
    public void A_measurement_is_told_once_and_after_a_fault_storage_is_asked_again_at_once()
    {
        var writes = 0;
        var probe = new StorageProbe(new HandClock(), static () => (0.25, null), () =>
        {
            if (Interlocked.Increment(ref writes) == 1)
            {
                throw new IOException("Input/output error");
            }
        });

        Until(probe, static pressure => pressure.StorageFault is not null).Disk.ShouldBe(0.25);
        Until(probe, static pressure => pressure.StorageWait is not null).StorageFault.ShouldBeNull("it is well again");

        for (var look = 0; look < 5; look++)
        {
            probe.Look().StorageWait.ShouldBeNull("nothing was measured since");
        }

        writes.ShouldBe(2);
    }

    [Fact]
    public void Storage_that_may_still_answer_in_time_is_no_failure_and_no_success()
    {
        var time = new HandClock();
        using var hangs = new ManualResetEventSlim();
        var probe = new StorageProbe(time, static () => (0.25, null), hangs.Wait);
        probe.Look().StorageWait.ShouldBeNull();
        time.Advance(TimeSpan.FromSeconds(9));

        probe.Look().StorageWait.ShouldBeNull();

        hangs.Set();
        Until(probe, static pressure => pressure.StorageWait is not null).StorageWait.ShouldBe(TimeSpan.FromSeconds(9));
    }

    [Fact]
    public void Storage_that_refuses_is_a_fault_with_its_reason_and_a_full_one_is_not()
    {
        var refuses = new StorageProbe(TimeProvider.System, static () => (null, null), static () => throw new IOException("Input/output error"));
        Until(refuses, static pressure => pressure.StorageFault is not null).StorageFault.ShouldBe("its storage takes nothing: Input/output error");

        var full = new StorageProbe(TimeProvider.System, static () => (null, null), static () => throw new IOException("No space left on device", 28));
        Until(full, static pressure => pressure.StorageWait is not null).StorageFault.ShouldBeNull();
    }

    /// <summary>Each look waits for the storage for a moment.</summary>
    private static Core.Failures.NodePressure Until(StorageProbe probe, Func<Core.Failures.NodePressure, bool> holds)
    {
        while (true)
        {
            if (probe.Look() is var pressure && holds(pressure))
            {
                return pressure;
            }

            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>A clock that goes on only when it is told to.</summary>
    private sealed class HandClock : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref ticks);

        public void Advance(TimeSpan time) => Interlocked.Add(ref ticks, time.Ticks);
    }
}
