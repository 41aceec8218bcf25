namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>How many nodes are together in one part of the topology.</summary>
internal sealed partial class NodeTable
{
    private int[] perPart = [];

    /// <summary>Of each part, what the cheapest candidates in it cost that are enough, and the rank of its first.</summary>
    private double[] costPerPart = [];
    private int[] rankPerPart = [];

    /// <summary>Whether one part of a level has so many of the candidates: most that want their nodes together find them, if at all, far apart.</summary>
    private bool AnyPartHas(string level, int nodes)
    {
        if (!partsOfLevel.TryGetValue(level, out var partOf))
        {
            return false;
        }

        ClearParts(level);
        foreach (var slot in candidates)
        {
            if (partOf[slot] >= 0 && ++perPart[partOf[slot]] >= nodes)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The most nodes of one part that could hold one, if nobody were on them.</summary>
    private int MostTogetherEver(string level, Shape shape)
    {
        if (!partsOfLevel.TryGetValue(level, out var partOf))
        {
            return 0;
        }

        ClearParts(level);
        foreach (var number in shape.Kinds)
        {
            foreach (var cell in kindList[number].Cells)
            {
                for (var slot = cell.First; slot < cell.End; slot++)
                {
                    if (partOf[slot] >= 0)
                    {
                        perPart[partOf[slot]]++;
                    }
                }
            }
        }

        return perPart.Length == 0 ? 0 : perPart.Max();
    }

    /// <summary>The most nodes of one part that only the places of those ahead keep it off, if anything. Nodes without the cores for it need not be asked.</summary>
    private int MostTogetherNow(string level, Shape shape)
    {
        if (!partsOfLevel.TryGetValue(level, out var partOf))
        {
            return 0;
        }

        ClearParts(level);
        foreach (var number in shape.Kinds)
        {
            foreach (var cell in kindList[number].Cells)
            {
                for (var slot = NextWithCores(shape, cell.First, cell.End); slot < cell.End; slot = NextWithCores(shape, slot + 1, cell.End))
                {
                    if (partOf[slot] >= 0 && Refusal(slots[slot], shape, out _) is PlacementConstraint.Absent or PlacementConstraint.NotAhead)
                    {
                        perPart[partOf[slot]]++;
                    }
                }
            }
        }

        return perPart.Length == 0 ? 0 : perPart.Max();
    }

    private void ClearParts(string level)
    {
        if (perPart.Length < partCounts[level])
        {
            (perPart, costPerPart, rankPerPart) = (new int[partCounts[level]], new double[partCounts[level]], new int[partCounts[level]]);
        }

        Array.Clear(perPart);
    }
}
