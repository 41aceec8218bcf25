namespace Orchestrator.Core.Scheduling.Order;

/// <summary>What of running work does not change while it runs, for the fair tree. Times are UTC ticks.</summary>
internal readonly struct FairLease
{
    public FairLease(RunningLease lease, FairNode user, int generation)
    {
        var cores = 0L;
        foreach (var share in lease.Shares)
        {
            cores += share.Cores.Length;
        }

        (Lease, User, Generation, Cores) = (lease, user, generation, cores);
        Started = lease.StartedAt.UtcTicks;
        End = (lease.EndExpected ?? lease.EndsBy)?.UtcTicks ?? long.MinValue;
    }

    public RunningLease Lease { get; }

    public FairNode User { get; }

    public int Generation { get; }

    public long Cores { get; }

    public long Started { get; }

    /// <summary>When it is expected to end; <see cref="long.MinValue"/>: nobody knows.</summary>
    public long End { get; }
}
