using System.Diagnostics;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>The choice between nodes to clear, and between those that are on them.</summary>
internal sealed partial class VictimSearch
{
    /// <summary>The cheapest set of any part; none of a part in which more would be lost for certain than may be.</summary>
    private List<VictimLease>? Choose(double lossMost)
    {
        List<VictimLease>? best = null;
        for (var part = 0; part < counts.Length; part++)
        {
            if (!IsTooDear(part, lossMost) && InPart(part) is { } chosen && (best is null || Compare(chosen, best) < 0))
            {
                best = chosen;
            }
        }

        return best;
    }

    /// <summary>
    /// Whether any set in a part loses more than may be lost. Whoever leaves is on some nodes, and each of those may count an equal part of his loss: so a set loses at least the sum of what the
    /// nodes that it clears count, and that is at least the sum of the smallest of all.
    /// </summary>
    private bool IsTooDear(int part, double lossMost)
    {
        var missing = wanted.Nodes - counts[part];
        if (missing <= 1 || double.IsPositiveInfinity(lossMost))
        {
            return false;
        }

        var clearable = 0;
        foreach (var slot in slotsOfPart.AsSpan(partFrom[part]..partFrom[part + 1]))
        {
            if (!double.IsNaN(clearings[slot]))
            {
                leastOfPart[clearable++] = least[slot];
            }
        }

        if (clearable < missing)
        {
            return false;
        }

        return !IsWithin(leastOfPart.AsSpan(0, clearable), missing, lossMost);
    }

    /// <summary>
    /// What it costs to clear a node. Where one is enough, the cheapest of its part is taken: of one on which the cheapest who may leave costs more than that, no more need be known. What it costs to
    /// clear a node never grows when higher classes may be asked too, since they are kept first.
    /// </summary>
    private void Price(int slot)
    {
        if (wanted.Nodes > 1)
        {
            clearings[slot] = Clearing(slot) ?? double.NaN;
            least[slot] = double.IsNaN(clearings[slot]) ? 0 : LeastLoss(slot);
            return;
        }

        ref var cheapest = ref cheapestOfPart[parts[slot]];
        clearings[slot] = LeastAlone(slot) > cheapest ? double.NaN : Clearing(slot) ?? double.NaN;
        cheapest = clearings[slot] < cheapest ? clearings[slot] : cheapest;
    }

    /// <summary>Nothing was cleared yet.</summary>
    private void OpenCheapest()
    {
        if (cheapestOfPart.Length < counts.Length)
        {
            cheapestOfPart = new double[counts.Length];
        }

        Array.Fill(cheapestOfPart, double.PositiveInfinity);
    }

    /// <summary>The cost of the cheapest of the candidates on a node.</summary>
    private double LeastAlone(int slot)
    {
        var smallest = double.PositiveInfinity;
        foreach (var (lease, _) in room.Nodes[slot].Occupants)
        {
            if (lease.Candidate && !lease.Gone)
            {
                smallest = Math.Min(smallest, lease.Cost);
            }
        }

        return smallest;
    }

    /// <summary>Whether it fits a node that all candidates have left.</summary>
    private bool CanBeCleared(int slot)
    {
        var node = room.Nodes[slot];
        var leaves = false;
        foreach (var (lease, share) in node.Occupants)
        {
            if (lease.Candidate && !lease.Gone)
            {
                leaves = true;
                node.Vacate(share);
            }
        }

        var enough = leaves && node.Fits(wanted);
        foreach (var (lease, share) in node.Occupants)
        {
            if (lease.Candidate && !lease.Gone)
            {
                node.Occupy(share);
            }
        }

        return enough;
    }

    /// <summary>
    /// What a node that can be cleared counts at least of the losses of those who leave it: one of the candidates leaves, and all of them do where the node is wanted alone. Each counts a part of his
    /// loss, equal on all of his nodes.
    /// </summary>
    private double LeastLoss(int slot)
    {
        var (sum, smallest) = (0.0, double.PositiveInfinity);
        foreach (var (lease, _) in room.Nodes[slot].Occupants)
        {
            if (lease.Candidate && !lease.Gone)
            {
                var part = lease.Cost / lease.Slots.Length;
                sum += part;
                smallest = Math.Min(smallest, part);
            }
        }

        return wanted.Exclusive ? sum : smallest;
    }

    /// <summary>Clears the cheapest nodes of one part, then keeps whom it can.</summary>
    private List<VictimLease>? InPart(int part)
    {
        if (!Queue(slotsOfPart.AsSpan(partFrom[part]..partFrom[part + 1]), wanted.Nodes - counts[part]))
        {
            return null;
        }

        var chosen = new List<VictimLease>();
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

            foreach (var lease in scratch)
            {
                Remove(lease);
                chosen.Add(lease);
            }
        }

        AddHolders(chosen);
        if (counts[part] < wanted.Nodes || !room.HasLicences(request))
        {
            Undo(chosen);
            return null;
        }

        chosen.Sort(static (left, right) => VictimLease.CompareValue(right, left));
        for (var i = 0; i < chosen.Count; i++)
        {
            Restore(chosen[i]);
            if (Enough())
            {
                chosen.RemoveAt(i--);
            }
            else
            {
                Remove(chosen[i]);
            }
        }

        Undo(chosen);
        return chosen;
    }

    /// <summary>Queues the nodes of a part that can be cleared, of which so many are missing; false: there are not as many. Where one is, the cheapest is enough.</summary>
    private bool Queue(ReadOnlySpan<int> slots, int missing)
    {
        queue.Clear();
        var (clearable, cheapest) = (0, -1);
        foreach (var slot in slots)
        {
            if (!double.IsNaN(clearings[slot]))
            {
                clearable++;
                cheapest = cheapest < 0 || clearings[slot] < clearings[cheapest] ? slot : cheapest;
            }
        }

        if (clearable < missing)
        {
            return false;
        }

        if (missing == 1)
        {
            queue.Enqueue(cheapest, (clearings[cheapest], cheapest));
        }

        for (var at = 0; missing > 1 && at < slots.Length; at++)
        {
            if (!double.IsNaN(clearings[slots[at]]))
            {
                queue.Enqueue(slots[at], (clearings[slots[at]], slots[at]));
            }
        }

        return true;
    }

    /// <summary>Licences that are short are given back by the least valuable of those that hold them.</summary>
    private void AddHolders(List<VictimLease> chosen)
    {
        if (room.HasLicences(request))
        {
            return;
        }

        // Few hold any: only those are put in order.
        foreach (var lease in allowed.Where(lease => lease is { HoldsLicences: true, Gone: false } && lease.Lease.Resources.Licences.Keys.Any(request.Resources.Licences.ContainsKey)).Order(ByValue).ToList())
        {
            if (room.HasLicences(request))
            {
                return;
            }

            Remove(lease);
            chosen.Add(lease);
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

        var enough = scratch.Count > 0 && node.Fits(wanted);
        if (!enough || scratch.Count == 1)
        {
            foreach (var lease in scratch)
            {
                node.Occupy(ShareOn(lease, slot));
            }

            return enough ? scratch[0].Cost : null;
        }

        // The most valuable is kept first, if it can be. They are few.
        for (var i = 1; i < scratch.Count; i++)
        {
            for (var at = i; at > 0 && VictimLease.CompareValue(scratch[at - 1], scratch[at]) < 0; at--)
            {
                (scratch[at - 1], scratch[at]) = (scratch[at], scratch[at - 1]);
            }
        }

        var cost = 0.0;
        for (var i = 0; i < scratch.Count; i++)
        {
            var share = ShareOn(scratch[i], slot);
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
            node.Occupy(ShareOn(lease, slot));
            cost += lease.Cost;
        }

        return cost;
    }

    private static NodeShare ShareOn(VictimLease lease, int slot) => lease.Lease.Shares[lease.Slots.Length == 1 ? 0 : Array.IndexOf(lease.Slots, slot)];

    private static int Compare(List<VictimLease> left, List<VictimLease> right)
    {
        var order = left.Sum(static lease => lease.Cost).CompareTo(right.Sum(static lease => lease.Cost));
        return order != 0 ? order : left.Count.CompareTo(right.Count);
    }
}
