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

    /// <summary>Lists of candidates, reused from search to search.</summary>
    private readonly List<List<VictimLease>> lists = [];
    private int listsTaken;

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
            (candidatesOn, leastOn, sumOn) = (new int[nodes], new double[nodes], new double[nodes]);
        }

        boundOf = null;
        listsTaken = 0;
        lists.ForEach(static list => list.Clear());
    }

    /// <summary>An empty list for candidates, good until the next search begins; no other one in this search is the same.</summary>
    public List<VictimLease> NewList()
    {
        if (listsTaken == lists.Count)
        {
            lists.Add([]);
        }

        return lists[listsTaken++];
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
    public List<VictimLease>? Find(PendingRequest who, List<VictimLease> candidates, IReadOnlyCollection<PendingRequest> ahead, double lossMost = double.PositiveInfinity)
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

        if (!MayPay(lossMost))
        {
            return null;
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
    public bool CanFind(PendingRequest who, List<VictimLease> candidates)
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

        foreach (var count in counts)
        {
            if (count >= wanted.Nodes)
            {
                return true;
            }
        }

        if (!MayPay(double.PositiveInfinity))
        {
            return false;
        }

        foreach (var lease in candidates)
        {
            lease.Candidate = true;
        }

        var enough = CanClearEnough(candidates);
        foreach (var lease in candidates)
        {
            lease.Candidate = false;
        }

        return enough;
    }

    /// <summary>Whether enough nodes of one part can be cleared; no more are looked at than that takes.</summary>
    private bool CanClearEnough(List<VictimLease> candidates)
    {
        if (clearableOfPart.Length < counts.Length)
        {
            clearableOfPart = new int[counts.Length];
        }

        round++;
        Array.Clear(clearableOfPart);
        foreach (var lease in candidates)
        {
            foreach (var slot in lease.Slots)
            {
                if (slot < 0 || !eligible[slot] || fits[slot] || clearedIn[slot] == round)
                {
                    continue;
                }

                clearedIn[slot] = round;
                if (CanBeCleared(slot) && counts[parts[slot]] + ++clearableOfPart[parts[slot]] >= wanted.Nodes)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>The set of the lowest classes that are enough; null: none is, or others would have what it leaves.</summary>
    private List<VictimLease>? ByClass(List<VictimLease> candidates, IReadOnlyCollection<PendingRequest> ahead, double lossMost)
    {
        allowed.Clear();
        Array.Fill(clearings, double.NaN);
        OpenCheapest();
        for (var highest = 0; classes >> highest != 0; highest++)
        {
            if ((classes >> highest & 1) == 0)
            {
                continue;
            }

            Allow(candidates, (PriorityClass)highest);
            // A higher class is never cheaper than a lower one that is enough, but it may be where less was done since the last checkpoint.
            if (Choose(lossMost) is { } chosen && chosen.Sum(static lease => lease.Cost) <= lossMost)
            {
                return ServesOthers(chosen, ahead) ? null : chosen;
            }
        }

        return null;
    }

    /// <summary>Those of one more class may be asked: nodes that they are on may be cleared, or cost less to clear. What it costs on all others stays.</summary>
    private void Allow(List<VictimLease> candidates, PriorityClass of)
    {
        round++;
        var from = allowed.Count;
        foreach (var lease in candidates)
        {
            if (lease.Priority == of)
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
                    Price(slot);
                }
            }
        }
    }

    /// <summary>Takes its place: first on nodes from which somebody goes, then on free ones.</summary>
    private void Commit(List<VictimLease> victims)
    {
        boundOf = null;
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
