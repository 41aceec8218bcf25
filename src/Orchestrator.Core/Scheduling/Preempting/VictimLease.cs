using System.Runtime.InteropServices;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>
/// A running attempt while victims are sought, kept from search to search. What is against it, and whether it is on its way, is found when it comes and again at the moments at which that may
/// change by itself; what it costs follows from the moment of the search.
/// </summary>
internal sealed class VictimLease
{
    private static readonly long DayTicks = TimeSpan.FromHours(24).Ticks;

    private readonly VictimRoom room;
    private readonly long lostSince;
    private readonly TimeSpan restart;
    private readonly double weight;
    private long costAt = -1;
    private double cost;

    /// <param name="room">In which it is.</param>
    /// <param name="lease">What runs.</param>
    /// <param name="account">The number of its account in the room.</param>
    public VictimLease(VictimRoom room, RunningLease lease, int account)
    {
        this.room = room;
        (Lease, Priority, Account, MayBeProtected, HoldsLicences) = (lease, lease.Priority, account, lease.Protected, !lease.Resources.Licences.IsEmpty);
        Cores = PreemptionCost.Cores(lease);
        lostSince = (lease.CheckpointedAt ?? lease.StartedAt).UtcTicks;
        restart = lease.RestartCost > TimeSpan.Zero ? lease.RestartCost : TimeSpan.Zero;
        weight = Math.Max(1, Cores);
        Slots = new int[lease.Shares.Length];
    }

    public RunningLease Lease { get; }

    public PriorityClass Priority { get; }

    /// <summary>The number of its account.</summary>
    public int Account { get; }

    /// <summary>It asks for protection, whether its account covers it or not.</summary>
    public bool MayBeProtected { get; }

    public bool HoldsLicences { get; }

    /// <summary>What is against it whoever asks.</summary>
    public VictimRefusal Refusal { get; private set; }

    /// <summary>It was to be gone long ago: its nodes are not counted on.</summary>
    public bool IsStuck { get; private set; }

    /// <summary>It goes by itself before a victim would: its room counts as free, whoever is sought.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>UTC ticks from which on what is said of it may differ.</summary>
    public long Until { get; private set; }

    /// <summary>On all of its nodes.</summary>
    public long Cores { get; }

    /// <summary>Core-seconds that are lost if it stops now; as <see cref="PreemptionCost.CoreSeconds"/>.</summary>
    public double Cost
    {
        get
        {
            if (costAt != room.NowTicks)
            {
                costAt = room.NowTicks;
                var lost = new TimeSpan(costAt - lostSince);
                cost = ((lost > TimeSpan.Zero ? lost : TimeSpan.Zero) + restart).TotalSeconds * weight;
            }

            return cost;
        }
    }

    /// <summary>It is on its way, or was chosen: its room counts as free.</summary>
    public bool Gone { get; set; }

    /// <summary>The search that is under way changed <see cref="Gone"/>.</summary>
    public bool Moved { get; set; }

    /// <summary>The nodes of its shares, by their places in the room; -1: not known.</summary>
    public int[] Slots { get; }

    /// <summary>The cores of one of its shares.</summary>
    public int CoresOn(int share) => Slots.Length == 1 ? (int)Cores : Lease.Shares[share].Cores.Length;

    /// <summary>It may be a victim of the search that is under way.</summary>
    public bool Candidate { get; set; }

    /// <summary>Looks at it anew; says whether it is on its way, or stuck, where it was not, or the other way round.</summary>
    public bool Review(ProtectionBudget protection, PreemptionSettings settings, DateTimeOffset now)
    {
        var (wasStuck, wasLeaving) = (IsStuck, IsLeaving);
        Refusal = VictimRules.Refusal(Lease, protection.Protects(Lease), settings, now);
        IsStuck = VictimRules.IsStuck(Lease, settings, now);
        // What ends by itself as soon as a victim would be gone is no victim.
        var endsSoon = Lease.EndsBy is { } end && end > now && end - now <= settings.CheckpointWait;
        IsLeaving = !IsStuck && (Lease.StopBy is not null || Lease.Ending || endsSoon);
        Gone = IsLeaving;
        Until = NextChange(settings, now.UtcTicks);
        return wasStuck != IsStuck || wasLeaving != IsLeaving;
    }

    /// <summary>The least valuable first: the lower class, then the lower cost, then the later started.</summary>
    public static int CompareValue(VictimLease left, VictimLease right)
    {
        var order = (int)left.Priority - (int)right.Priority;
        order = order != 0 ? order : left.Cost.CompareTo(right.Cost);
        order = order != 0 ? order : right.Lease.StartedAt.CompareTo(left.Lease.StartedAt);
        return order != 0 ? order : CompareId(left, right);
    }

    /// <summary>Sorts many by <see cref="CompareValue"/>: by class and cost as one number, and by all else where that is equal.</summary>
    public static void SortByValue(List<VictimLease> leases)
    {
        var keys = new ulong[leases.Count];
        for (var at = 0; at < keys.Length; at++)
        {
            // A cost is not negative, so that the order of its bits is its own; there are fewer than eight classes.
            keys[at] = ((ulong)leases[at].Priority << 61) | (BitConverter.DoubleToUInt64Bits(leases[at].Cost) >> 3);
        }

        var sorted = CollectionsMarshal.AsSpan(leases);
        keys.AsSpan().Sort(sorted);
        for (var start = 0; start < keys.Length;)
        {
            var end = start + 1;
            while (end < keys.Length && keys[end] == keys[start])
            {
                end++;
            }

            if (end - start > 1)
            {
                sorted[start..end].Sort(CompareValue);
            }

            start = end;
        }
    }

    /// <summary>Orders what is equal in everything else.</summary>
    public static int CompareId(VictimLease left, VictimLease right)
    {
        var (one, other) = (left.Lease.Attempt, right.Lease.Attempt);
        var order = one.Simulation.CompareTo(other.Simulation);
        order = order != 0 ? order : string.CompareOrdinal(one.Stage, other.Stage);
        return order != 0 ? order : one.Epoch.CompareTo(other.Epoch);
    }

    /// <summary>
    /// The first moment after now at which a comparison of <see cref="Review"/> with the time turns: the ends of the quantum, of a cooldown, of a day since a preemption and of the patience with a
    /// victim, and when its own end comes near and when it has come. Between two of them nothing that is said of it changes.
    /// </summary>
    private long NextChange(PreemptionSettings settings, long now)
    {
        var next = long.MaxValue;
        Consider(Lease.StartedAt.UtcTicks, settings.Quantum.Ticks);
        foreach (var at in Lease.Preempted)
        {
            Consider(at.UtcTicks, settings.Cooldown.Ticks);
            Consider(at.UtcTicks, DayTicks);
        }

        if (Lease.StopBy is { } by)
        {
            Consider(by.UtcTicks, settings.StuckAfter.Ticks is var after && after < long.MaxValue ? after + 1 : after);
        }

        if (Lease.EndsBy is { } end)
        {
            Consider(end.UtcTicks, settings.CheckpointWait.Ticks > 0 ? -settings.CheckpointWait.Ticks : 0);
            Consider(end.UtcTicks, 0);
        }

        return next;

        void Consider(long from, long span)
        {
            var at = span > long.MaxValue - from ? long.MaxValue : from + span;
            if (at > now && at < next)
            {
                next = at;
            }
        }
    }
}
