using Orchestrator.Pilot.Nodes;

namespace Orchestrator.Pilot.Tests;

public sealed class SleepWatchTests
{
    [Fact]
    public void Whoever_looks_much_too_late_has_slept_and_knows_it_once()
    {
        var clock = new SteppedClock();
        var sleep = new SleepWatch(clock, TimeSpan.FromSeconds(15));

        clock.Step(TimeSpan.FromSeconds(15));
        sleep.HasSlept().ShouldBeFalse();
        clock.Step(TimeSpan.FromSeconds(30));
        sleep.HasSlept().ShouldBeFalse("a busy machine is late, too");
        clock.Step(TimeSpan.FromHours(1));
        sleep.HasSlept().ShouldBeTrue();
        clock.Step(TimeSpan.FromSeconds(15));
        sleep.HasSlept().ShouldBeFalse();
    }
}
