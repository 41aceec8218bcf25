using Orchestrator.Agent.Attempts;
using Orchestrator.Agent.Machine;

namespace Orchestrator.Agent.Tests;

public sealed class PressureTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Errors_of_all_links_but_the_loopback_are_counted_together()
    {
        string[] lines =
        [
            "Inter-|   Receive                                                |  Transmit",
            " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
            "    lo:  100 1 50 0 0 0 0 0 100 1 50 0 0 0 0 0", "  eth0: 1000 10 3 0 0 0 0 0 2000 20 4 0 0 0 0 0", "ib0:1000 10 0 9 0 0 0 0 2000 20 1 0 0 0 0 0",
        ];

        PressureGauge.Errors(lines).ShouldBe(8);
        PressureGauge.Errors(lines[..3]).ShouldBeNull();
    }

    [Fact]
    public void Only_the_node_s_own_cores_count_for_its_load()
    {
        string[] lines = ["cpu  100 0 0 100 0 0 0 0 0 0", "cpu0 60 0 10 30 0 0 0 0 0 0", "cpu1 0 0 0 90 10 0 0 0 0 0", "intr 5"];

        PressureGauge.Ticks(lines, [0]).ShouldBe((70, 100));
        PressureGauge.Ticks(lines, [0, 1]).ShouldBe((70, 200));
        PressureGauge.Ticks(lines, [7]).ShouldBe((0, 0));
    }

    [Fact]
    public void A_file_system_tells_what_of_it_is_used()
    {
        var (disk, _) = PressureGauge.Space(Path.GetTempPath());

        disk.ShouldNotBeNull().ShouldBeInRange(0, 1);
        PressureGauge.Space("/no/such/directory").ShouldBe((null, null));
    }

    [Fact]
    public void The_first_look_says_nothing_of_others_and_all_parts_are_between_nothing_and_all()
    {
        var gauge = new PressureGauge(new StorageProbe(TimeProvider.System, () => (0.5, null), () => { }), [0]);

        var pressure = gauge.Look([]);

        pressure.ForeignLoad.ShouldBeNull();
        pressure.Memory.ShouldNotBeNull().ShouldBeInRange(0, 1);
    }

    [Fact]
    public void A_program_that_gets_on_at_half_its_usual_rate_has_half_its_pace()
    {
        var meter = new PaceMeter();
        var (now, step) = (Now, 0.0);
        Run(6, 10);
        meter.Pace!.Value.ShouldBe(1, 0.05);

        Run(2, 5);

        meter.Pace!.Value.ShouldBe(0.5, 0.05);

        void Run(int windows, double stepsPerSecond)
        {
            for (var second = 0; second < windows * 10; second++)
            {
                now = now.AddSeconds(1);
                step += stepsPerSecond;
                meter.Look(step, now);
            }
        }
    }

    [Fact]
    public void A_program_of_which_little_was_seen_or_that_began_anew_has_no_pace_yet()
    {
        var meter = new PaceMeter();

        meter.Look(1, Now);
        meter.Look(2, Now.AddSeconds(30));
        meter.Look(0, Now.AddSeconds(60));

        meter.Pace.ShouldBeNull();
    }
}
