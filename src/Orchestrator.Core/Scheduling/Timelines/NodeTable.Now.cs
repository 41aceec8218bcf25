using System.Collections.Immutable;
using System.Numerics;

namespace Orchestrator.Core.Scheduling.Timelines;

internal sealed partial class NodeTable
{
    private readonly List<int> chosen = [];
    private readonly List<int> candidates = [];
    private PatternAnswer[] answers = [];

    /// <summary>Of each slot that is a candidate, what it costs.</summary>
    private double[] costs = [];
    private Comparison<int>? byCost;

    /// <summary>A node of each pattern.</summary>
    private NodeCalendar[] examples = [];

    /// <summary>Starts it now on the best nodes that can take it, all or none. Null: they cannot.</summary>
    public Placement? TryStart(Shape shape, PendingRequest request, long estimate, INodeRanking ranking, int turn)
    {
        if (shape.HasNoRoom(estimate))
        {
            return null;
        }

        var now = moment.Now;
        var until = NodeCalendar.End(now, estimate);
        if (shape.ReservationClosed || Licensed(shape, estimate, now) != now)
        {
            shape.SetNoRoom(estimate);
            return null;
        }

        AskPatterns(shape, until);
        var filter = new FreeNow(this, shape);
        if (!AreEnough(filter, shape) || !Choose(filter, shape, request, ranking))
        {
            shape.SetNoRoom(estimate);
            return null;
        }

        var shares = ImmutableArray.CreateBuilder<NodeShare>(chosen.Count);
        foreach (var slot in chosen)
        {
            var calendar = slots[slot];
            var cell = calendar.Cell!;
            shares.Add(calendar.Start(shape, shape.Suits[calendar.Kind.Index], now, answers[cell.Pattern].Until, turn));
            cell.Count(calendar, now);
            Touch(calendar);
            Publish(calendar);
        }

        changes++;
        TakeLicences(shape, now, until);
        return new() { Attempt = request.Attempt, Shares = shares.MoveToImmutable() };
    }

    /// <summary>Whether each pattern of arrangements is open to it from now on, until when at most, and what closes it.</summary>
    private void AskPatterns(Shape shape, long until)
    {
        for (var pattern = 0; pattern < answers.Length; pattern++)
        {
            ref var answer = ref answers[pattern];
            answer.Until = until;
            answer.IsOpen = examples[pattern].IsOpen(shape, moment.Now, ref answer.Until, moment, out answer.By);
        }
    }

    /// <summary>Whether a filter lets enough nodes through, whatever they cost: most that wait have no room, and are not worth more.</summary>
    private bool AreEnough<TFilter>(TFilter filter, Shape shape)
        where TFilter : struct, INodeFilter
    {
        var missing = shape.Nodes;
        foreach (var kind in shape.Kinds)
        {
            foreach (var cell in kindList[kind].Cells)
            {
                for (var slot = filter.Next(cell, cell.First); slot < cell.End; slot = filter.Next(cell, slot + 1))
                {
                    if (--missing == 0)
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    /// <summary>Fills <see cref="chosen"/>, by node id, with the cheapest of the nodes that a filter lets through, equal ones by id.</summary>
    private bool Choose<TFilter>(TFilter filter, Shape shape, PendingRequest request, INodeRanking ranking)
        where TFilter : struct, INodeFilter
    {
        AskCosts(shape, request, ranking);
        chosen.Clear();
        return shape.Wanted.Within is not null || !request.Data.IsEmpty
            ? ChooseAmongAll(filter, shape, request, ranking)
            : ChooseCheapest(filter, shape);
    }

    private bool ChooseCheapest<TFilter>(TFilter filter, Shape shape)
        where TFilter : struct, INodeFilter
    {
        var needed = shape.Nodes;
        for (var at = 0; at < shape.Kinds.Length && chosen.Count < needed;)
        {
            var cost = shape.Costs[shape.Kinds[at]];
            var (before, alike) = (chosen.Count, 0);
            for (; at < shape.Kinds.Length && shape.Costs[shape.Kinds[at]] == cost; at++)
            {
                foreach (var cell in kindList[shape.Kinds[at]].Cells)
                {
                    Collect(filter, cell, chosen, needed - before);
                    alike++;
                }
            }

            if (alike > 1)
            {
                SortByRank(chosen, before);
            }

            if (chosen.Count > needed)
            {
                chosen.RemoveRange(needed, chosen.Count - needed);
            }
        }

        if (chosen.Count < needed)
        {
            return false;
        }

        SortByRank(chosen, 0);
        return true;
    }

    /// <summary>Where data or topology matter, all nodes that could take it are looked at.</summary>
    private bool ChooseAmongAll<TFilter>(TFilter filter, Shape shape, PendingRequest request, INodeRanking ranking)
        where TFilter : struct, INodeFilter
    {
        candidates.Clear();
        foreach (var kind in shape.Kinds)
        {
            foreach (var cell in kindList[kind].Cells)
            {
                Collect(filter, cell, candidates, int.MaxValue);
            }
        }

        if (candidates.Count < shape.Nodes || shape.Wanted.Within is { } level && !AnyPartHas(level, shape.Nodes))
        {
            return false;
        }

        foreach (var slot in candidates)
        {
            var node = slots[slot].Node;
            costs[slot] = NodeSuits.HoldsData(node, request) ? ranking.Cost(node, request) : shape.Costs[slots[slot].Kind.Index];
        }

        candidates.Sort(byCost ??= (left, right) => costs[left] != costs[right] ? costs[left].CompareTo(costs[right]) : slots[left].Rank.CompareTo(slots[right].Rank));
        if (shape.Wanted.Within is null)
        {
            chosen.AddRange(candidates.Take(shape.Nodes));
        }
        else if (partsOfLevel.TryGetValue(shape.Wanted.Within, out var partOf))
        {
            ChoosePart(shape, partOf);
        }

        SortByRank(chosen, 0);
        return chosen.Count == shape.Nodes;
    }

    /// <summary>Of the parts that have enough, the cheapest; then the one with the fewest to spare, so that large free parts stay; then the one with the first node.</summary>
    private void ChoosePart(Shape shape, int[] partOf)
    {
        ClearParts(shape.Wanted.Within!);
        Array.Clear(costPerPart);
        Array.Fill(rankPerPart, int.MaxValue);
        foreach (var slot in candidates)
        {
            if (partOf[slot] is >= 0 and var part)
            {
                costPerPart[part] += perPart[part]++ < shape.Nodes ? costs[slot] : 0;
                rankPerPart[part] = Math.Min(rankPerPart[part], slots[slot].Rank);
            }
        }

        var (best, of) = ((Cost: double.PositiveInfinity, Spare: int.MaxValue, Rank: int.MaxValue), -1);
        for (var part = 0; part < perPart.Length; part++)
        {
            if (perPart[part] >= shape.Nodes && (Cost: costPerPart[part], Spare: perPart[part] - shape.Nodes, Rank: rankPerPart[part]) is var one && one.CompareTo(best) < 0)
            {
                (best, of) = (one, part);
            }
        }

        foreach (var slot in candidates)
        {
            if (of >= 0 && partOf[slot] == of && chosen.Count < shape.Nodes)
            {
                chosen.Add(slot);
            }
        }
    }

    private static void Collect<TFilter>(TFilter filter, NodeCell cell, List<int> into, int most)
        where TFilter : struct, INodeFilter
    {
        for (var slot = filter.Next(cell, cell.First); slot < cell.End && most > 0; slot = filter.Next(cell, slot + 1))
        {
            into.Add(slot);
            most--;
        }
    }

    private void SortByRank(List<int> list, int from)
    {
        var span = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(list)[from..];
        for (var at = 1; at < span.Length; at++)
        {
            if (slots[span[at]].Rank < slots[span[at - 1]].Rank)
            {
                span.Sort((left, right) => slots[left].Rank.CompareTo(slots[right].Rank));
                return;
            }
        }
    }

    /// <summary>Lets nodes through, in the order of slots.</summary>
    private interface INodeFilter
    {
        /// <summary>The first of the cell from one slot on; its end: none.</summary>
        int Next(NodeCell cell, int from);
    }

    /// <summary>Nodes that can take it from now on, after the patterns were asked. Closed cells are passed over whole, full nodes many at a time.</summary>
    private readonly struct FreeNow(NodeTable table, Shape shape) : INodeFilter
    {
        public int Next(NodeCell cell, int from)
        {
            ref readonly var answer = ref table.answers[cell.Pattern];
            if (!answer.IsOpen)
            {
                return cell.End;
            }

            var end = cell.End;
            var (memory, gpus, suits) = (shape.Wanted.MemoryPerNode, shape.WholeGpus, shape.Suits[cell.Kind.Index]);
            for (var slot = table.NextWithCores(shape, from, end); slot < end; slot = table.NextWithCores(shape, slot + 1, end))
            {
                if (table.freeMemory[slot] >= memory && table.aloneFrom[slot] >= answer.Until && table.wholeGpus[slot] >= gpus && table.slots[slot].Fits(shape, suits, answer.Until, table.moment))
                {
                    return slot;
                }
            }

            return end;
        }
    }

    /// <summary>The first slot from one on, before another, with the cores for it free, and without anybody if it wants the node alone; the other: none.</summary>
    private int NextWithCores(Shape shape, int from, int end)
    {
        var (cores, free) = (shape.Cores, shape.Exclusive ? wholeCores : freeCores);
        var least = new Vector<int>(cores);
        while (from + Vector<int>.Count <= end && !Vector.GreaterThanOrEqualAny(new Vector<int>(free, from), least))
        {
            from += Vector<int>.Count;
        }

        while (from < end && free[from] < cores)
        {
            from++;
        }

        return from;
    }

    /// <summary>Nodes that were marked.</summary>
    private readonly struct Marked(bool[] marks) : INodeFilter
    {
        public int Next(NodeCell cell, int from)
        {
            var at = marks.AsSpan(from, cell.End - from).IndexOf(true);
            return at < 0 ? cell.End : from + at;
        }
    }

    /// <summary>Whether a pattern of arrangements is open to the request that is being asked about.</summary>
    private struct PatternAnswer
    {
        public bool IsOpen;

        /// <summary>UTC ticks; sooner than asked where a checkpoint ends it.</summary>
        public long Until;
        public NodeBlock By;
    }
}
