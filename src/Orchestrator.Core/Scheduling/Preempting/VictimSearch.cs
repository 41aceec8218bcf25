using System.Diagnostics;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>
/// Finds who must leave for one request: of the lowest classes that are enough, on the nodes where least is lost; then a pass backwards keeps everybody that is not needed, the most
/// valuable first. So the set is minimal: without any one of it the request does not fit.
/// </summary>
internal sealed class VictimSearch(VictimRoom room)
{
    private readonly bool[] eligible = new bool[room.Nodes.Length];
    private readonly bool[] fits = new bool[room.Nodes.Length];
    private readonly int[] parts = new int[room.Nodes.Length];
    private readonly List<VictimLease> scratch = [];
    private int[] counts = [];
    private ResourceRequest wanted = new();
    private PendingRequest request = new();

    /// <summary>It fits once those are gone that are on their way; its place is taken then, so that nobody else is promised it.</summary>
    public bool TryFit(PendingRequest who)
    {
        Open(who);
        if (!Enough())
        {
            return false;
        }

        Commit([]);
        return true;
    }

    /// <summary>The least valuable set of candidates without which it fits; its place is taken, and they count as gone. Null: there is none.</summary>
    /// <param name="who">Who waits.</param>
    /// <param name="candidates">Who may be asked.</param>
    /// <param name="ahead">Those whose turn is before: if one of them took the room that is made, it would be made in vain, and nothing is.</param>
    public List<VictimLease>? Find(PendingRequest who, IReadOnlyList<VictimLease> candidates, IReadOnlyCollection<PendingRequest> ahead)
    {
        Open(who);
        if (!FitsWithout(candidates))
        {
            return null;
        }

        foreach (var highest in Classes(candidates))
        {
            var allowed = candidates.Where(lease => lease.Lease.Priority <= highest).ToList();
            if (FitsWithout(allowed) && Choose(allowed) is { } chosen)
            {
                if (ServesOthers(chosen, ahead))
                {
                    return null;
                }

                Open(who);
                foreach (var lease in chosen)
                {
                    Remove(lease);
                }

                Commit(chosen);
                return chosen;
            }
        }

        return null;
    }

    /// <summary>Somebody whose turn is before, and who has no room yet, would take what they leave.</summary>
    private bool ServesOthers(List<VictimLease> chosen, IReadOnlyCollection<PendingRequest> ahead)
    {
        foreach (var other in ahead)
        {
            Open(other);
            if (!Enough() && FitsWithout(chosen))
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<PriorityClass> Classes(IReadOnlyList<VictimLease> candidates) =>
        candidates.Select(static lease => lease.Lease.Priority).Distinct().Order();

    private void Open(PendingRequest who)
    {
        request = who;
        wanted = who.Resources;
        var names = wanted.Within is null ? null : new Dictionary<string, int>(StringComparer.Ordinal);
        for (var slot = 0; slot < room.Nodes.Length; slot++)
        {
            eligible[slot] = room.IsEligible(slot, who);
            parts[slot] = 0;
            if (names is not null)
            {
                if (NodeSuits.PartOf(room.Nodes[slot].Node, wanted.Within!) is { } part)
                {
                    if (!names.TryGetValue(part, out var number))
                    {
                        names.Add(part, number = names.Count);
                    }

                    parts[slot] = number;
                }
                else
                {
                    eligible[slot] = false;
                }
            }
        }

        counts = new int[Math.Max(1, names?.Count ?? 1)];
        for (var slot = 0; slot < room.Nodes.Length; slot++)
        {
            fits[slot] = false;
            Look(slot);
        }
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
        foreach (var share in lease.Lease.Shares)
        {
            if (room.SlotOf(share.Node) is >= 0 and var slot)
            {
                Look(slot);
            }
        }
    }

    private bool FitsWithout(IReadOnlyList<VictimLease> all)
    {
        foreach (var lease in all)
        {
            Remove(lease);
        }

        var enough = Enough();
        foreach (var lease in all)
        {
            Restore(lease);
        }

        return enough;
    }

    private List<VictimLease>? Choose(List<VictimLease> allowed)
    {
        foreach (var lease in allowed)
        {
            lease.Candidate = true;
        }

        List<VictimLease>? best = null;
        for (var part = 0; part < counts.Length; part++)
        {
            if (InPart(part, allowed) is { } chosen && (best is null || Compare(chosen, best) < 0))
            {
                best = chosen;
            }
        }

        foreach (var lease in allowed)
        {
            lease.Candidate = false;
        }

        return best;
    }

    /// <summary>Clears the cheapest nodes of one part, then keeps whom it can.</summary>
    private List<VictimLease>? InPart(int part, List<VictimLease> allowed)
    {
        var chosen = new List<VictimLease>();
        var queue = new PriorityQueue<int, (double Cost, int Slot)>();
        for (var slot = 0; slot < room.Nodes.Length; slot++)
        {
            if (eligible[slot] && parts[slot] == part && !fits[slot] && Clearing(slot) is { } cost)
            {
                queue.Enqueue(slot, (cost, slot));
            }
        }

        while (counts[part] < wanted.Nodes && queue.TryDequeue(out var slot, out var key))
        {
            if (fits[slot])
            {
                continue;
            }

            // Someone on several nodes may have gone meanwhile: then this one is cheaper than it was.
            var cost = Clearing(slot) ?? throw new UnreachableException($"Node {room.Nodes[slot].Node.Id} could be cleared, and has only become emptier.");
            if (cost < key.Cost)
            {
                queue.Enqueue(slot, (cost, slot));
                continue;
            }

            foreach (var lease in scratch.ToArray())
            {
                Remove(lease);
                chosen.Add(lease);
            }
        }

        AddHolders(chosen, allowed);
        if (counts[part] < wanted.Nodes || !room.HasLicences(request))
        {
            Undo(chosen);
            return null;
        }

        foreach (var lease in chosen.OrderDescending(Comparer<VictimLease>.Create(VictimLease.CompareValue)).ToList())
        {
            Restore(lease);
            if (Enough())
            {
                chosen.Remove(lease);
            }
            else
            {
                Remove(lease);
            }
        }

        var result = new List<VictimLease>(chosen);
        Undo(chosen);
        return result;
    }

    /// <summary>Licences that are short are given back by the least valuable of those that hold them.</summary>
    private void AddHolders(List<VictimLease> chosen, List<VictimLease> allowed)
    {
        if (room.HasLicences(request))
        {
            return;
        }

        foreach (var lease in allowed.Where(static lease => !lease.Gone).Order(Comparer<VictimLease>.Create(VictimLease.CompareValue)).ToList())
        {
            if (room.HasLicences(request))
            {
                return;
            }

            if (lease.Lease.Resources.Licences.Keys.Any(request.Resources.Licences.ContainsKey))
            {
                Remove(lease);
                chosen.Add(lease);
            }
        }
    }

    private void Undo(List<VictimLease> chosen)
    {
        foreach (var lease in chosen)
        {
            Restore(lease);
        }
    }

    /// <summary>What it costs to clear the node for the request; those to remove are in <see cref="scratch"/>. Null: not even all candidates on it are enough.</summary>
    private double? Clearing(int slot)
    {
        scratch.Clear();
        var node = room.Nodes[slot];
        foreach (var (lease, share) in node.Occupants)
        {
            if (lease.Candidate && !lease.Gone)
            {
                scratch.Add(lease);
                node.Vacate(share);
            }
        }

        if (!node.Fits(wanted))
        {
            foreach (var lease in scratch)
            {
                node.Occupy(ShareOn(lease, node.Node.Id));
            }

            scratch.Clear();
            return null;
        }

        // The most valuable is kept first, if it can be.
        scratch.Sort(static (left, right) => VictimLease.CompareValue(right, left));
        var cost = 0.0;
        for (var i = 0; i < scratch.Count; i++)
        {
            var share = ShareOn(scratch[i], node.Node.Id);
            node.Occupy(share);
            if (node.Fits(wanted))
            {
                scratch.RemoveAt(i--);
            }
            else
            {
                node.Vacate(share);
            }
        }

        foreach (var lease in scratch)
        {
            node.Occupy(ShareOn(lease, node.Node.Id));
            cost += lease.Cost;
        }

        return cost;
    }

    private static NodeShare ShareOn(VictimLease lease, NodeId node)
    {
        foreach (var share in lease.Lease.Shares)
        {
            if (share.Node == node)
            {
                return share;
            }
        }

        throw new UnreachableException($"{lease.Key} holds nothing of {node}.");
    }

    private static int Compare(List<VictimLease> left, List<VictimLease> right)
    {
        var order = left.Sum(static lease => lease.Cost).CompareTo(right.Sum(static lease => lease.Cost));
        return order != 0 ? order : left.Count.CompareTo(right.Count);
    }

    /// <summary>Takes its place: first on nodes from which somebody goes, then on free ones.</summary>
    private void Commit(List<VictimLease> victims)
    {
        var part = Array.FindIndex(counts, count => count >= wanted.Nodes);
        var cleared = victims.SelectMany(static lease => lease.Lease.Shares).Select(share => room.SlotOf(share.Node)).ToHashSet();
        foreach (var slot in Enumerable.Range(0, fits.Length).Where(slot => fits[slot] && parts[slot] == part).OrderBy(slot => cleared.Contains(slot) ? 0 : 1).ThenBy(static slot => slot).Take(wanted.Nodes).ToList())
        {
            room.Nodes[slot].Take(wanted);
        }

        room.TakeLicences(request);
    }
}
