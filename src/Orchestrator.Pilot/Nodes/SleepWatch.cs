namespace Orchestrator.Pilot.Nodes;

/// <summary>
/// Whether this process was stopped itself since it looked last, as by a batch system that suspends a job: the clock goes on meanwhile, and that others were not heard says nothing
/// of them.
/// </summary>
/// <param name="clock">The time.</param>
/// <param name="period">It looks so often.</param>
internal sealed class SleepWatch(TimeProvider clock, TimeSpan period)
{
    private long lookedAt = clock.GetTimestamp();

    /// <summary>Looks, and tells whether that is twice too late.</summary>
    public bool HasSlept()
    {
        var since = clock.GetElapsedTime(lookedAt);
        lookedAt = clock.GetTimestamp();
        return since > 2 * period;
    }
}
