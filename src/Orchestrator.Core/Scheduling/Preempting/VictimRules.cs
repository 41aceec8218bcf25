namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>Who may be asked to make way, and when.</summary>
public static class VictimRules
{
    /// <summary>It was to be gone by now and is not: nobody waits for it, and its nodes are not counted on.</summary>
    public static bool IsStuck(RunningLease lease, PreemptionSettings settings, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(settings);
        return lease.StopBy is { } by && now > by + settings.StuckAfter;
    }
}
