namespace Orchestrator.Pilot.Tests;

/// <summary>Stands until it is stepped.</summary>
internal sealed class SteppedClock : TimeProvider
{
    private long now = TimeSpan.TicksPerDay;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(now);

    public void Step(TimeSpan by) => now += by.Ticks;
}
