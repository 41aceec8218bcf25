namespace Orchestrator.Core.Scheduling.Timelines;

internal sealed partial class NodeTable
{
    /// <summary>The next moment at which a window or reservation begins or ends, a node gets power, or a victim counts as stuck; null: none.</summary>
    public DateTimeOffset? NextChange()
    {
        var next = long.MaxValue;
        foreach (var window in windows)
        {
            Consider(window.Start.UtcTicks, ref next);
            Consider(window.End.UtcTicks, ref next);
        }

        foreach (var reservation in reservations)
        {
            Consider(reservation.Start.UtcTicks, ref next);
            Consider(reservation.End.UtcTicks, ref next);
        }

        foreach (var calendar in switched)
        {
            if (calendar.Node.PowerState == PowerState.SwitchingOn)
            {
                Consider(calendar.PoweredFrom, ref next);
            }
        }

        foreach (var lease in leaving)
        {
            if (lease.Lease.StopBy is { } stop)
            {
                Consider(stop.UtcTicks + StuckAfter.Ticks + 1, ref next);
            }
        }

        return next == long.MaxValue ? null : new DateTimeOffset(next, TimeSpan.Zero);
    }

    private void Consider(long at, ref long next)
    {
        if (at > moment.Now)
        {
            next = Math.Min(next, at);
        }
    }
}
