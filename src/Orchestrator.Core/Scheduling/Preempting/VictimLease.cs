namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>A running attempt while victims are sought.</summary>
internal sealed class VictimLease(RunningLease lease, VictimRefusal refusal, double cost, string key)
{
    public RunningLease Lease => lease;

    /// <summary>What is against it whoever asks.</summary>
    public VictimRefusal Refusal => refusal;

    /// <summary>Core-seconds that are lost if it stops now.</summary>
    public double Cost => cost;

    /// <summary>Orders what is equal in everything else.</summary>
    public string Key => key;

    /// <summary>It is on its way, or was chosen: its room counts as free.</summary>
    public bool Gone { get; set; }

    /// <summary>It may be a victim of the search that is under way.</summary>
    public bool Candidate { get; set; }

    /// <summary>The least valuable first: the lower class, then the lower cost, then the later started.</summary>
    public static int CompareValue(VictimLease left, VictimLease right)
    {
        var order = left.Lease.Priority.CompareTo(right.Lease.Priority);
        order = order != 0 ? order : left.Cost.CompareTo(right.Cost);
        order = order != 0 ? order : right.Lease.StartedAt.CompareTo(left.Lease.StartedAt);
        return order != 0 ? order : string.CompareOrdinal(left.Key, right.Key);
    }
}
