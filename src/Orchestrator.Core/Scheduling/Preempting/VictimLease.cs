namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>A running attempt while victims are sought.</summary>
internal sealed class VictimLease(RunningLease lease)
{
    public RunningLease Lease => lease;

    /// <summary>What is against it whoever asks.</summary>
    public VictimRefusal Refusal { get; private set; }

    /// <summary>Core-seconds that are lost if it stops now.</summary>
    public double Cost { get; private set; }

    /// <summary>It is on its way, or was chosen: its room counts as free.</summary>
    public bool Gone { get; set; }

    /// <summary>The nodes of its shares, by their places in the room; -1: not known.</summary>
    public int[] Slots { get; } = new int[lease.Shares.Length];

    /// <summary>It may be a victim of the search that is under way.</summary>
    public bool Candidate { get; set; }

    /// <summary>Begins a search.</summary>
    public void Open(VictimRefusal refusal, double cost, bool gone)
    {
        (Refusal, Cost, Gone, Candidate) = (refusal, cost, gone, false);
    }

    /// <summary>The least valuable first: the lower class, then the lower cost, then the later started.</summary>
    public static int CompareValue(VictimLease left, VictimLease right)
    {
        var order = left.Lease.Priority.CompareTo(right.Lease.Priority);
        order = order != 0 ? order : left.Cost.CompareTo(right.Cost);
        order = order != 0 ? order : right.Lease.StartedAt.CompareTo(left.Lease.StartedAt);
        return order != 0 ? order : CompareId(left, right);
    }

    /// <summary>Orders what is equal in everything else.</summary>
    public static int CompareId(VictimLease left, VictimLease right)
    {
        var (one, other) = (left.Lease.Attempt, right.Lease.Attempt);
        var order = one.Simulation.CompareTo(other.Simulation);
        order = order != 0 ? order : string.CompareOrdinal(one.Stage, other.Stage);
        return order != 0 ? order : one.Epoch.CompareTo(other.Epoch);
    }
}
