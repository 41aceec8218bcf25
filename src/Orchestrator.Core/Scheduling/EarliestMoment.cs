namespace Orchestrator.Core.Scheduling;

/// <summary>The earliest of many moments that is still to come; thousands are looked at in each plan.</summary>
internal struct EarliestMoment(DateTimeOffset now)
{
    private readonly long after = now.UtcTicks;
    private long found = long.MaxValue;

    /// <summary>Null: none is to come.</summary>
    public readonly DateTimeOffset? Found => found == long.MaxValue ? null : new DateTimeOffset(found, TimeSpan.Zero);

    public void Consider(DateTimeOffset? moment)
    {
        if (moment is { } at)
        {
            Consider(at, TimeSpan.Zero);
        }
    }

    /// <summary>So long after a moment; one at the end of time does not come.</summary>
    public void Consider(DateTimeOffset from, TimeSpan span) => Consider(After(from, span));

    /// <param name="at">UTC ticks; <see cref="long.MaxValue"/>: never.</param>
    public void Consider(long at)
    {
        if (at > after && at < found)
        {
            found = at;
        }
    }

    /// <summary>UTC ticks so long after a moment; <see cref="long.MaxValue"/>: that is behind the end of time.</summary>
    public static long After(DateTimeOffset from, TimeSpan span) => span.Ticks <= DateTimeOffset.MaxValue.UtcTicks - from.UtcTicks ? from.UtcTicks + span.Ticks : long.MaxValue;
}
