namespace Orchestrator.Pilot.Arrays;

/// <summary>
/// How long tasks last, and so how many are worth taking ahead: as many as last about a second. While none ends they last longer than was thought. What failed says nothing: a
/// sweep may refuse its first cases in no time.
/// </summary>
/// <param name="cores">Of the worker.</param>
/// <param name="clock">The time.</param>
internal sealed class TaskPace(int cores, TimeProvider clock)
{
    private const int AheadMax = 2048;

    /// <summary>So much work is taken ahead.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(1);

    private double? usualSeconds;
    private long quietSince;

    /// <summary>Something runs again, after nothing did.</summary>
    public void Began() => quietSince = clock.GetTimestamp();

    public void Completed(TimeSpan duration)
    {
        // The newest counts most.
        usualSeconds = usualSeconds is { } usual ? (0.9 * usual) + (0.1 * duration.TotalSeconds) : duration.TotalSeconds;
        quietSince = clock.GetTimestamp();
    }

    /// <summary>Cores of tasks that are worth having beyond what runs.</summary>
    /// <param name="isRunning">Something runs.</param>
    public int AheadCores(bool isRunning)
    {
        if (usualSeconds is not { } usual)
        {
            return 0;
        }

        var seconds = isRunning ? Math.Max(usual, clock.GetElapsedTime(quietSince).TotalSeconds) : usual;
        return (int)Math.Min(AheadMax, cores * Ahead.TotalSeconds / Math.Max(seconds, 1e-6));
    }
}
