using System.Collections.Immutable;
using System.Numerics;

namespace Orchestrator.Core.Scheduling.Timelines;

internal sealed partial class NodeTable
{
    private readonly List<int> chosen = [];
    private readonly List<int> candidates = [];

    /// <summary>Starts it now on the best nodes that can take it, all or none. Null: they cannot.</summary>
    public Placement? TryStart(Shape shape, PendingRequest request, long estimate, INodeRanking ranking, int turn)
    {
        if (shape.HasNoRoom(estimate))
        {
            return null;
        }

        var now = moment.Now;
        var until = NodeCalendar.End(now, estimate);
        if (shape.ReservationClosed || Licensed(shape, estimate, now) != now || !Choose(new FreeNow(this, shape, until), shape, request, ranking))
        {
            shape.SetNoRoom(estimate);
            return null;
        }

        var shares = ImmutableArray.CreateBuilder<NodeShare>(chosen.Count);
        foreach (var slot in chosen)
        {
            var calendar = slots[slot];
            calendar.Fits(shape, shape.Suits[calendar.Kind.Index], until, moment, out var cut);
            shares.Add(calendar.Start(shape, shape.Suits[calendar.Kind.Index], now, cut, turn));
            Touch(calendar);
            Publish(calendar);
        }

        TakeLicences(shape, now, until);
        return new() { Attempt = request.Attempt, Shares = shares.MoveToImmutable() };
    }

    /// <summary>Fills <see cref="chosen"/>, by node id, with the cheapest of the nodes that a filter lets through, equal ones by id.</summary>
    private bool Choose<TFilter>(TFilter filter, Shape shape, PendingRequest request, INodeRanking ranking)
        where TFilter : struct, INodeFilter
    {
        AskCosts(shape, request, ranking);
        chosen.Clear();
        return shape.Wanted.Within is not null || !request.DataAt.IsEmpty
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
                Collect(filter, kindList[shape.Kinds[at]], chosen, needed - before);
                alike++;
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
            Collect(filter, kindList[kind], candidates, int.MaxValue);
        }

        if (candidates.Count < shape.Nodes)
        {
            return false;
        }

        var costs = new Dictionary<int, double>(candidates.Count);
        foreach (var slot in candidates)
        {
            var node = slots[slot].Node;
            costs[slot] = request.DataAt.Contains(node.Id) ? ranking.Cost(node, request) : shape.Costs[slots[slot].Kind.Index];
        }

        candidates.Sort((left, right) => costs[left] != costs[right] ? costs[left].CompareTo(costs[right]) : slots[left].Rank.CompareTo(slots[right].Rank));
        if (shape.Wanted.Within is null)
        {
            chosen.AddRange(candidates.Take(shape.Nodes));
        }
        else if (partsOfLevel.TryGetValue(shape.Wanted.Within, out var partOf))
        {
            ChoosePart(shape, partOf, costs);
        }

        SortByRank(chosen, 0);
        return chosen.Count == shape.Nodes;
    }

    /// <summary>Of the parts that have enough, the cheapest; then the one with the fewest to spare, so that large free parts stay; then the one with the first node.</summary>
    private void ChoosePart(Shape shape, int[] partOf, Dictionary<int, double> costs)
    {
        var best = (Cost: double.PositiveInfinity, Spare: int.MaxValue, Rank: int.MaxValue);
        IEnumerable<int> members = [];
        foreach (var part in candidates.Where(slot => partOf[slot] >= 0).GroupBy(slot => partOf[slot]))
        {
            var count = part.Count();
            if (count < shape.Nodes)
            {
                continue;
            }

            var cheapest = part.Take(shape.Nodes);
            var one = (Cost: cheapest.Sum(slot => costs[slot]), Spare: count - shape.Nodes, Rank: part.Min(slot => slots[slot].Rank));
            if (one.CompareTo(best) < 0)
            {
                (best, members) = (one, cheapest);
            }
        }

        chosen.AddRange(members);
    }

    private static void Collect<TFilter>(TFilter filter, NodeKind kind, List<int> into, int most)
        where TFilter : struct, INodeFilter
    {
        var end = kind.First + kind.Count;
        for (var slot = filter.Next(kind, kind.First, end); slot < end && most > 0; slot = filter.Next(kind, slot + 1, end))
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
        /// <summary>The first from one slot on, before another; the other: none.</summary>
        int Next(NodeKind kind, int from, int until);
    }

    /// <summary>Nodes that can take it from now on. Full nodes are passed over many at a time.</summary>
    private readonly struct FreeNow(NodeTable table, Shape shape, long until) : INodeFilter
    {
        public int Next(NodeKind kind, int from, int end)
        {
            var free = table.freeCores;
            var least = new Vector<int>(shape.Cores);
            for (var slot = from; slot < end; slot++)
            {
                while (slot + Vector<int>.Count <= end && !Vector.GreaterThanOrEqualAny(new Vector<int>(free, slot), least))
                {
                    slot += Vector<int>.Count;
                }

                if (slot < end && free[slot] >= shape.Cores && table.slots[slot].Fits(shape, shape.Suits[kind.Index], until, table.moment, out _))
                {
                    return slot;
                }
            }

            return end;
        }
    }

    /// <summary>Nodes that were marked.</summary>
    private readonly struct Marked(bool[] marks) : INodeFilter
    {
        public int Next(NodeKind kind, int from, int until)
        {
            var at = marks.AsSpan(from, until - from).IndexOf(true);
            return at < 0 ? until : from + at;
        }
    }
}
