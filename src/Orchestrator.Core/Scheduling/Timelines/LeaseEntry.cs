namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>A running attempt as the table holds it.</summary>
internal sealed class LeaseEntry(RunningLease lease)
{
    public RunningLease Lease => lease;

    /// <summary>UTC ticks at which its nodes are taken to be free: by its estimate or what was learned, sooner if it was asked to leave. It may be past: any moment then.</summary>
    public long Until { get; private set; }

    /// <summary>Its place in the table's list of leases.</summary>
    public int Place { get; set; } = -1;

    /// <summary>The last visit that found it.</summary>
    public long Visit { get; set; }

    /// <summary>The reservation inside of which it runs, by its number in the table; -1: none.</summary>
    public int ReservationNumber { get; set; } = -1;

    /// <summary>Says whether <see cref="Until"/> differs now: a victim that should be gone so long is stuck, and its nodes are not counted on.</summary>
    public bool Open(long now, TimeSpan stuckAfter)
    {
        var until = (lease.EndsBy ?? lease.EndExpected)?.UtcTicks ?? long.MaxValue;
        if (lease.StopBy is { } stop)
        {
            until = now - stop.UtcTicks > stuckAfter.Ticks ? long.MaxValue : Math.Min(until, stop.UtcTicks);
        }
        else if (lease.Ending)
        {
            until = 0;
        }

        var changed = until != Until;
        Until = until;
        return changed;
    }
}
