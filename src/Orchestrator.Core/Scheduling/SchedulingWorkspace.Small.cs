using Orchestrator.Core.Scheduling.Backfill;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Scheduling.Timelines;

namespace Orchestrator.Core.Scheduling;

public sealed partial class SchedulingWorkspace
{
    /// <summary>So many that wait, at most, are put in the best order; their orders are as many as the faculty of it.</summary>
    private const int SmallQueueMost = 6;

    /// <summary>So many nodes, at most.</summary>
    private const int SmallNodesMost = 8;

    private readonly RankedRequest[] bestOrder = new RankedRequest[SmallQueueMost];

    /// <summary>
    /// A few equals on a small machine (one owner, one class, no deadlines, nothing set by hand or held back by a rule, all with an estimate) are ordered so that the last of them ends soonest, if that is
    /// sooner than in their turn; the first in turn starts no later for it. Null: they stay in their turn.
    /// </summary>
    private RankedRequest[]? BestOrder(IReadOnlyList<RankedRequest> ranked, DateTimeOffset now, INodeRanking ranking)
    {
        if (Settings.Backfill is not { Kind: BackfillKind.Depth, Depth: null, Window: null } || ranked.Count is < 2 or > SmallQueueMost || table.NodeCount > SmallNodesMost || !AreEquals(ranked, now))
        {
            return null;
        }

        var count = ranked.Count;
        Span<int> order = stackalloc int[count];
        for (var at = 0; at < count; at++)
        {
            order[at] = at;
        }

        var (best, headBefore) = Try(ranked, order, now, ranking);
        var improved = false;
        while (best < long.MaxValue && NextPermutation(order))
        {
            var (last, head) = Try(ranked, order, now, ranking);
            if (last < best && head <= headBefore)
            {
                (best, improved) = (last, true);
                for (var at = 0; at < count; at++)
                {
                    bestOrder[at] = ranked[order[at]] with { BackfillTurn = at };
                }
            }
        }

        table.Close();
        table.Open(table.Moment);
        return improved ? bestOrder[..count] : null;
    }

    private bool AreEquals(IReadOnlyList<RankedRequest> ranked, DateTimeOffset now)
    {
        var first = ranked[0];
        foreach (var one in ranked)
        {
            if (one.Request is not { DurationEstimate: not null, Deadline: null, Reservation: "" } || one.Source != PrioritySource.Computed || one.Class != first.Class || one.Request.Owner != first.Request.Owner)
            {
                return false;
            }
        }

        foreach (var rule in parts.Rules)
        {
            var admission = rule.Open(this, now);
            foreach (var one in ranked)
            {
                if (admission.Refusal(one.Request) is not null)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>When the last ends and the first in turn starts, if all keep a place in this order; both <see cref="long.MaxValue"/>: one finds none.</summary>
    private (long Last, long Head) Try(IReadOnlyList<RankedRequest> ranked, ReadOnlySpan<int> order, DateTimeOffset now, INodeRanking ranking)
    {
        var (last, head) = (0L, long.MaxValue);
        table.Close();
        table.Open(table.Moment);
        foreach (var turn in order)
        {
            var request = ranked[turn].Request;
            var shape = byRequest[request].Shape(table);
            table.Prepare(shape);
            var estimate = request.DurationEstimate!.Value.Ticks;
            var start = shape.Never is not null || estimate < 0 ? long.MaxValue
                : table.TryStart(shape, request, estimate, ranking, turn) is not null ? now.UtcTicks
                : table.Keep(shape, request, estimate, long.MaxValue - 1, ranking, turn);
            if (start == long.MaxValue)
            {
                return (start, start);
            }

            last = Math.Max(last, NodeCalendar.End(start, estimate));
            head = turn == 0 ? start : head;
        }

        return (last, head);
    }

    /// <summary>The next order, as words in a dictionary; false: it was the last.</summary>
    private static bool NextPermutation(Span<int> order)
    {
        var at = order.Length - 2;
        while (at >= 0 && order[at] > order[at + 1])
        {
            at--;
        }

        if (at < 0)
        {
            return false;
        }

        var other = order.Length - 1;
        while (order[other] < order[at])
        {
            other--;
        }

        (order[at], order[other]) = (order[other], order[at]);
        order[(at + 1)..].Reverse();
        return true;
    }
}
