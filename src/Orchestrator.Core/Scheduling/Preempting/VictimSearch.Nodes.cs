namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>On which nodes a request may be, and on which it fits as things stand, by parts of the topology.</summary>
internal sealed partial class VictimSearch
{
    private bool[] eligible = [];
    private bool[] fits = [];
    private int[] parts = [];
    private int[] slotsOfPart = [];

    /// <summary>Of each part, the nodes on which it fits.</summary>
    private int[] counts = [0];

    /// <summary>Of each part, the nodes that could be cleared, and what the cheapest of them costs.</summary>
    private int[] clearableOfPart = [];
    private double[] cheapestOfPart = [];

    /// <summary>Of each part, the first of its eligible nodes in <see cref="slotsOfPart"/>.</summary>
    private int[] partFrom = [0, 0];

    /// <summary>Of each part of a level of the topology, its number in this search.</summary>
    private int[] numbers = [];

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
        var suits = room.Suits(who);
        var kindOf = room.KindOf;
        var level = wanted.Within is null ? null : room.LevelOf(wanted.Within);
        var partCount = 0;
        if (level is not null)
        {
            Array.Resize(ref numbers, Math.Max(numbers.Length, level.Count));
            Array.Fill(numbers, -1);
        }

        Array.Clear(fits);
        Array.Clear(parts);
        var count = 0;
        for (var slot = 0; slot < eligible.Length; slot++)
        {
            eligible[slot] = most[slot] >= cores && suits[kindOf[slot]] && room.IsEligible(slot, who);
            if (level is null && eligible[slot])
            {
                slotsOfPart[count++] = slot;
            }

            if (level is null || !eligible[slot])
            {
                continue;
            }

            // Parts are numbered as they are met among those that are eligible: of equal ones the first is taken.
            if (level.Parts[slot] is >= 0 and var part)
            {
                parts[slot] = numbers[part] >= 0 ? numbers[part] : (numbers[part] = partCount++);
            }
            else
            {
                eligible[slot] = false;
            }
        }

        partCount = Math.Max(1, partCount);
        if (counts.Length != partCount)
        {
            (counts, partFrom) = (new int[partCount], new int[partCount + 1]);
        }

        if (level is null)
        {
            (partFrom[0], partFrom[1]) = (0, count);
        }
        else
        {
            GroupByPart();
        }

        Array.Clear(counts);
        foreach (var slot in slotsOfPart.AsSpan(0, partFrom[^1]))
        {
            Look(slot);
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
        var now = eligible[slot] && room.FreeCores[slot] >= wanted.CoresPerNode && room.Nodes[slot].Fits(wanted);
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
}
