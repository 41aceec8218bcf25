namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>What it costs that running work makes way.</summary>
public static class PreemptionCost
{
    /// <summary>Work that is lost if it stopped now without a new checkpoint, plus its restart.</summary>
    public static TimeSpan Of(RunningLease lease, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(lease);
        var lost = now - (lease.CheckpointedAt ?? lease.StartedAt);
        return (lost > TimeSpan.Zero ? lost : TimeSpan.Zero) + (lease.RestartCost > TimeSpan.Zero ? lease.RestartCost : TimeSpan.Zero);
    }

    /// <summary>The same in core-seconds.</summary>
    public static double CoreSeconds(RunningLease lease, DateTimeOffset now) => Of(lease, now).TotalSeconds * Math.Max(1, Cores(lease));

    /// <summary>Cores that it holds on all of its nodes.</summary>
    public static long Cores(RunningLease lease)
    {
        ArgumentNullException.ThrowIfNull(lease);
        var cores = 0L;
        foreach (var share in lease.Shares)
        {
            cores += share.Cores.Length;
        }

        return cores;
    }
}
