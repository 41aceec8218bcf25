using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>
/// Finds who must leave for one request: of the lowest classes that are enough, on the nodes where least is lost; then a pass backwards keeps everybody that is not needed, the most
/// valuable first. So the set is minimal: without any one of it the request does not fit.
/// </summary>
internal sealed partial class VictimSearch
{
    private static readonly Comparer<VictimLease> ByValue = Comparer<VictimLease>.Create(VictimLease.CompareValue);

    private readonly VictimRoom room;
    private int[] bound = [];
    private bool[] eligible = [];
    private bool[] fits = [];
    private int[] parts = [];
    private int[] slotsOfPart = [];
    private readonly List<VictimLease> scratch = [];
    private readonly List<VictimLease> allowed = [];
    private readonly PriorityQueue<int, (double Cost, int Slot)> queue = new();
    private int[] counts = [0];

    /// <summary>Of each part, the first of its eligible nodes in <see cref="slotsOfPart"/>.</summary>
    private int[] partFrom = [0, 0];
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
        room.FreeCores.CopyTo(bound, 0);
        foreach (var lease in candidates)
        {
            for (var i = 0; i < lease.Slots.Length; i++)
            {
                if (lease.Slots[i] is >= 0 and var slot)
                {
                    bound[slot] += lease.Lease.Shares[i].Cores.Length;
                }
            }
        }

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

        var classes = 0;
        foreach (var lease in candidates)
        {
            classes |= 1 << (int)lease.Lease.Priority;
        }

        for (var highest = 0; classes >> highest != 0; highest++)
        {
            if ((classes >> highest & 1) == 0)
            {
                continue;
            }

            allowed.Clear();
            foreach (var lease in candidates)
            {
                if ((int)lease.Lease.Priority <= highest)
                {
                    allowed.Add(lease);
                }
            }

            // A higher class is never cheaper than a lower one that is enough, but it may be where less was done since the last checkpoint.
            if (Choose() is not { } chosen || chosen.Sum(static lease => lease.Cost) > lossMost)
            {
                continue;
            }

            if (ServesOthers(chosen, ahead))
            {
                return null;
            }

            if (ahead.Count > 0)
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

        return null;
    }

    /// <summary>Somebody whose turn is before, and who has no room yet, would take what they leave.</summary>
    private bool ServesOthers(List<VictimLease> chosen, IReadOnlyCollection<PendingRequest> ahead)
    {
        foreach (var other in ahead)
        {
            RemoveAll(chosen);
            var may = MayFit(other, room.FreeCores);
            if (may)
            {
                Open(other, room.FreeCores);
                may = Enough();
            }

            RestoreAll(chosen);
            if (!may)
            {
                continue;
            }

            Open(other, room.FreeCores);
            if (!Enough())
            {
                return true;
            }
        }

        return false;
    }

    private void RemoveAll(List<VictimLease> all)
    {
        foreach (var lease in all)
        {
            room.Remove(lease);
        }
    }

    private void RestoreAll(List<VictimLease> all)
    {
        foreach (var lease in all)
        {
            room.Restore(lease);
        }
    }

    /// <summary>By cores alone, which is cheap to ask: enough nodes have as many.</summary>
    private static bool MayFit(PendingRequest who, int[] cores)
    {
        var (each, nodes) = (who.Resources.CoresPerNode, who.Resources.Nodes);
        foreach (var free in cores)
        {
            if (free >= each && --nodes <= 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Looks at all nodes that can have enough cores by the end of the search.</summary>
    private void Open(PendingRequest who, int[] most)
    {
        request = who;
        wanted = who.Resources;
        var cores = wanted.CoresPerNode;
        var names = wanted.Within is null ? null : new Dictionary<string, int>(StringComparer.Ordinal);
        for (var slot = 0; slot < eligible.Length; slot++)
        {
            fits[slot] = false;
            parts[slot] = 0;
            eligible[slot] = most[slot] >= cores && room.IsEligible(slot, who);
            if (names is not null && eligible[slot])
            {
                eligible[slot] = NodeSuits.PartOf(room.Nodes[slot].Node, wanted.Within!) is { } part && Number(names, part, out parts[slot]);
            }
        }

        var partCount = Math.Max(1, names?.Count ?? 1);
        if (counts.Length != partCount)
        {
            (counts, partFrom) = (new int[partCount], new int[partCount + 1]);
        }

        GroupByPart();
        Array.Clear(counts);
        for (var slot = 0; slot < eligible.Length; slot++)
        {
            if (eligible[slot])
            {
                Look(slot);
            }
        }
    }

    /// <summary>In each part by their places.</summary>
    private void GroupByPart()
    {
        Array.Clear(partFrom);
        for (var slot = 0; slot < eligible.Length; slot++)
        {
            partFrom[parts[slot] + 1] += eligible[slot] ? 1 : 0;
        }

        for (var part = 1; part < partFrom.Length; part++)
        {
            partFrom[part] += partFrom[part - 1];
        }

        // While a part is filled its beginning moves on to that of the next; then all are put back.
        for (var slot = 0; slot < eligible.Length; slot++)
        {
            if (eligible[slot])
            {
                slotsOfPart[partFrom[parts[slot]]++] = slot;
            }
        }

        for (var part = partFrom.Length - 1; part > 0; part--)
        {
            partFrom[part] = partFrom[part - 1];
        }

        partFrom[0] = 0;
    }

    private static bool Number(Dictionary<string, int> names, string part, out int number)
    {
        if (!names.TryGetValue(part, out number))
        {
            names.Add(part, number = names.Count);
        }

        return true;
    }

    /// <summary>One part of the topology has as many nodes as it wants, and the site has the licences.</summary>
    private bool Enough()
    {
        foreach (var count in counts)
        {
            if (count >= wanted.Nodes)
            {
                return room.HasLicences(request);
            }
        }

        return false;
    }

    private void Look(int slot)
    {
        var now = eligible[slot] && room.Nodes[slot].Fits(wanted);
        if (now != fits[slot])
        {
            fits[slot] = now;
            counts[parts[slot]] += now ? 1 : -1;
        }
    }

    private void Remove(VictimLease lease)
    {
        room.Remove(lease);
        LookAround(lease);
    }

    private void Restore(VictimLease lease)
    {
        room.Restore(lease);
        LookAround(lease);
    }

    private void LookAround(VictimLease lease)
    {
        foreach (var slot in lease.Slots)
        {
            if (slot >= 0)
            {
                Look(slot);
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
