namespace Orchestrator.Cli.Tests.Alerts;

/// <summary>Its pauses pass at once, and are written down; the time limit of 5 s passes only when it is told to.</summary>
internal sealed class PatientClock : TimeProvider
{
    private DateTimeOffset now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    public List<double> Pauses { get; } = [];

    public bool LimitsPass { get; set; }

    public void Pass(TimeSpan time) => now += time;

    public override DateTimeOffset GetUtcNow() => now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == TimeSpan.FromSeconds(5))
        {
            return base.CreateTimer(callback, state, LimitsPass ? TimeSpan.Zero : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        Pauses.Add(dueTime.TotalSeconds);
        now += dueTime;
        return base.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
