using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>
/// Finds who must leave for one request: of the lowest classes that are enough, on the nodes where least is lost; then a pass backwards keeps everybody that is not needed, the most
/// valuable first. So the set is minimal: without any one of it the request does not fit.
/// </summary>
internal sealed partial class VictimSearch
{
    private static readonly Comparer<VictimLease> ByValue = Comparer<VictimLease>.Create(VictimLease.CompareValue);
    private static readonly Comparer<(double Cost, int Slot)> ByCost =
        Comparer<(double Cost, int Slot)>.Create(static (left, right) => left.Cost != right.Cost ? left.Cost.CompareTo(right.Cost) : left.Slot.CompareTo(right.Slot));

    private readonly VictimRoom room;
    private readonly List<VictimLease> scratch = [];
    private readonly List<VictimLease> allowed = [];
    private readonly PriorityQueue<int, (double Cost, int Slot)> queue = new(ByCost);

    /// <summary>Cores that each node can have free at most by the end of the search.</summary>
    private int[] bound = [];

    /// <summary>Of each node that could be cleared, before anybody is taken off, what that costs; not a number: it cannot be.</summary>
    private double[] clearings = [];

    /// <summary>Of each of those, a part of what is lost by clearing it that no other node counts too.</summary>
    private double[] least = [];
    private double[] leastOfPart = [];

    /// <summary>Of each node, when that was found last.</summary>
    private long[] clearedIn = [];
    private long round;
    private ResourceRequest wanted = new();
    private PendingRequest request = new();

    public VictimSearch(VictimRoom room) => this.room = room;

    public VictimRoom Room => room;

    /// <summary>Begins, once the room is laid out.</summary>
    public void Open()
    {
        var nodes = room.Nodes.Length;
        if (bound.Length != nodes)
        {
            (bound, eligible, fits, parts, slotsOfPart) = (new int[nodes], new bool[nodes], new bool[nodes], new int[nodes], new int[nodes]);
            (clearings, clearedIn, least, leastOfPart) = (new double[nodes], new long[nodes], new double[nodes], new double[nodes]);
        }
    }

    /// <summary>It fits once those are gone that are on their way; its place is taken then, so that nobody else is promised it.</summary>
    public bool TryFit(PendingRequest who)
    {
        if (!MayFit(who, room.FreeCores))
        {
            return false;
        }

        Open(who, room.FreeCores);
        if (!Enough())
        {
            return false;
        }

        Commit([]);
        return true;
    }

    /// <summary>
    /// The least valuable set of candidates without which it fits; its place is taken, and they count as gone. Empty: it fits once those are gone that are on their way. Null: there is none.
    /// </summary>
    /// <param name="who">Who waits.</param>
    /// <param name="candidates">Who may be asked.</param>
    /// <param name="ahead">Those whose turn is before: if one of them took the room that is made, it would be made in vain, and nothing is.</param>
    /// <param name="lossMost">Core-seconds that may be lost by all of them together.</param>
    public List<VictimLease>? Find(PendingRequest who, IReadOnlyList<VictimLease> candidates, IReadOnlyCollection<PendingRequest> ahead, double lossMost = double.PositiveInfinity)
    {
        Bound(candidates);
        if (!MayFit(who, bound))
        {
            return null;
        }

        Open(who, bound);
        if (Enough())
        {
            Commit([]);
            return [];
        }

        var chosen = ByClass(candidates, ahead, lossMost);
        foreach (var lease in allowed)
        {
            lease.Candidate = false;
        }

        if (chosen is null)
        {
            return null;
        }

        if (!ReferenceEquals(request, who))
        {
            Open(who, bound);
        }

        foreach (var lease in chosen)
        {
            Remove(lease);
        }

        Commit(chosen);
        return chosen;
    }

    /// <summary>Whether some of the candidates, whatever is lost, are enough: if not, then no part of them is. Takes nothing.</summary>
    public bool CanFind(PendingRequest who, IReadOnlyList<VictimLease> candidates)
    {
        Bound(candidates);
        if (!MayFit(who, bound) || !room.CouldHaveLicences(who, candidates))
        {
            return false;
        }

        Open(who, bound);
        if (Enough())
        {
            return true;
        }

        allowed.Clear();
        Array.Fill(clearings, double.NaN);
        Allow(candidates, static _ => true);
        var enough = false;
        for (var part = 0; part < counts.Length && !enough; part++)
        {
            var clearable = 0;
            foreach (var slot in slotsOfPart.AsSpan(partFrom[part]..partFrom[part + 1]))
            {
                clearable += double.IsNaN(clearings[slot]) ? 0 : 1;
            }

            enough = counts[part] + clearable >= wanted.Nodes;
        }

        foreach (var lease in allowed)
        {
            lease.Candidate = false;
        }

        return enough;
    }

    /// <summary>The set of the lowest classes that are enough; null: none is, or others would have what it leaves.</summary>
    private List<VictimLease>? ByClass(IReadOnlyList<VictimLease> candidates, IReadOnlyCollection<PendingRequest> ahead, double lossMost)
    {
        var classes = 0;
        foreach (var lease in candidates)
        {
            classes |= 1 << (int)lease.Priority;
        }

        allowed.Clear();
        Array.Fill(clearings, double.NaN);
        for (var highest = 0; classes >> highest != 0; highest++)
        {
            if ((classes >> highest & 1) == 0)
            {
                continue;
            }

            Allow(candidates, lease => (int)lease.Priority == highest);
            // A higher class is never cheaper than a lower one that is enough, but it may be where less was done since the last checkpoint.
            if (Choose(lossMost) is { } chosen && chosen.Sum(static lease => lease.Cost) <= lossMost)
            {
                return ServesOthers(chosen, ahead) ? null : chosen;
            }
        }

        return null;
    }

    /// <summary>Cores that each node has free if all candidates leave.</summary>
    private void Bound(IReadOnlyList<VictimLease> candidates)
    {
        room.FreeCores.CopyTo(bound, 0);
        foreach (var lease in candidates)
        {
            for (var i = 0; i < lease.Slots.Length; i++)
            {
                if (lease.Slots[i] is >= 0 and var slot)
                {
                    bound[slot] += lease.CoresOn[i];
                }
            }
        }
    }

    /// <summary>Those of one more class may be asked: nodes that they are on may be cleared, or cost less to clear. What it costs on all others stays.</summary>
    private void Allow(IReadOnlyList<VictimLease> candidates, Predicate<VictimLease> isOf)
    {
        round++;
        var from = allowed.Count;
        foreach (var lease in candidates)
        {
            if (isOf(lease))
            {
                lease.Candidate = true;
                allowed.Add(lease);
            }
        }

        for (var at = from; at < allowed.Count; at++)
        {
            foreach (var slot in allowed[at].Slots)
            {
                if (slot >= 0 && eligible[slot] && !fits[slot] && clearedIn[slot] != round)
                {
                    clearedIn[slot] = round;
                    clearings[slot] = Clearing(slot) ?? double.NaN;
                    least[slot] = wanted.Nodes == 1 || double.IsNaN(clearings[slot]) ? 0 : LeastLoss(slot);
                }
            }
        }
    }

    /// <summary>Takes its place: first on nodes from which somebody goes, then on free ones.</summary>
    private void Commit(List<VictimLease> victims)
    {
        var part = Array.FindIndex(counts, count => count >= wanted.Nodes);
        var missing = wanted.Nodes;
        foreach (var lease in victims)
        {
            foreach (var slot in lease.Slots)
            {
                Take(slot);
            }
        }

        for (var slot = 0; slot < fits.Length && missing > 0; slot++)
        {
            Take(slot);
        }

        room.TakeLicences(request);

        void Take(int slot)
        {
            if (missing > 0 && slot >= 0 && fits[slot] && parts[slot] == part)
            {
                fits[slot] = false;
                missing--;
                room.Take(slot, wanted);
            }
        }
    }
}
