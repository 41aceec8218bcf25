using System.Collections.Immutable;
using Orchestrator.Core.Scheduling.Backfill;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Scheduling.Timelines;

namespace Orchestrator.Core.Scheduling;

public sealed partial class SchedulingWorkspace
{
    private readonly List<Shape> shapes = [];
    private readonly WaitingTurns still = new();
    private PassResult[] results = [];

    /// <summary>The queue, in its order.</summary>
    private PendingRequest[] queued = [];
    private WaitReason?[] reasons = [];
    private int[] turns = [];
    private int[] slips = [];

    /// <inheritdoc/>
    public SchedulingPlan Plan(DateTimeOffset now)
    {
        table.StuckAfter = Settings.Preemption.StuckAfter;
        table.ForgetShapes(byAttempt.Count);
        table.Open(new(now.UtcTicks, Settings.Backfill.UsefulLeast.Ticks, Settings.Protection.RelocateAhead.Ticks));
        Memo = new();
        try
        {
            var ranked = order.Rank(this, now);
            var ranking = parts.Preference.Open(this, now);
            var backfill = Settings.Backfill;
            if (BestOrder(ranked, now, ranking) is { } better)
            {
                (ranked, backfill) = (better, backfill with { Kind = BackfillKind.Conservative });
            }

            var queue = Pass(ranked, backfill, ranking, now);
            var plan = new SchedulingPlan
            {
                Placements = queue.Placements.ToImmutable(),
                Places = queue.Places.ToImmutable(),
            };
            plan = plan with { Waiting = Waiting(ranked, queue) };
            plan = plan with { Preemptions = parts.Preemption?.Choose(this, still, plan.Placements, now) ?? [] };
            plan = plan with { Power = parts.Power?.Orders(this, plan, now) ?? [] };
            return plan with { NextChange = NextChange(now) };
        }
        finally
        {
            Memo = null;
            table.Close();
            Forget();
        }
    }

    /// <summary>Why no state of the nodes could ever let a request start; null: some could.</summary>
    internal WaitReason? Never(PendingRequest request)
    {
        table.Open(new(0, 0, 0));
        var shape = table.ShapeOf(request);
        table.Prepare(shape);
        table.Close();
        return shape.Never;
    }

    private QueueTimeline Pass(IReadOnlyList<RankedRequest> ranked, BackfillSettings backfill, INodeRanking ranking, DateTimeOffset now)
    {
        if (results.Length < ranked.Count)
        {
            results = new PassResult[Spare.Length(results.Length, ranked.Count)];
            queued = new PendingRequest[results.Length];
            reasons = new WaitReason?[results.Length];
            slips = new int[results.Length];
            turns = [.. Enumerable.Range(0, results.Length)];
        }

        shapes.Clear();
        shapes.EnsureCapacity(ranked.Count);
        for (var turn = 0; turn < ranked.Count; turn++)
        {
            var one = ranked[turn];
            var shape = byRequest[one.Request].Shape(table);
            table.Prepare(shape);
            shapes.Add(shape);
            queued[turn] = one.Request;
            slips[one.BackfillTurn] = turn;
        }

        var queue = new QueueTimeline(table, queued, shapes, reasons, [.. parts.Rules.Select(rule => rule.Open(this, now))], ranking);
        BackfillPass.Run<QueueTimeline, int>(queue, turns.AsSpan(0, ranked.Count), slips.AsSpan(0, ranked.Count), backfill, now.UtcTicks, results);
        return queue;
    }

    /// <summary>Who waits, and why; <see cref="still"/> has the same with their turns.</summary>
    private ImmutableArray<WaitingTurn> Waiting(IReadOnlyList<RankedRequest> ranked, QueueTimeline queue)
    {
        var waiting = ImmutableArray.CreateBuilder<WaitingTurn>(ranked.Count - queue.Placements.Count);
        string? first = null;
        for (var turn = 0; turn < ranked.Count; turn++)
        {
            if (results[turn].Verdict == PassVerdict.Started)
            {
                continue;
            }

            var request = queued[turn];
            var reason = results[turn].Verdict switch
            {
                PassVerdict.NotReached => new() { Constraint = PlacementConstraint.Depth, NodesNeeded = request.Resources.Nodes },
                PassVerdict.Behind => new() { Constraint = PlacementConstraint.NotAhead, NodesNeeded = request.Resources.Nodes, For = first },
                _ => reasons[turn]!,
            };
            if (results[turn].Verdict == PassVerdict.NoRoom)
            {
                first ??= request.Attempt.ToString();
            }

            waiting.Add(new(request, reason, turn, results[turn].Verdict == PassVerdict.Kept ? results[turn].Start : 0));
            still.Add(turn);
        }

        var all = waiting.MoveToImmutable();
        still.Of(ranked, all);
        return all;
    }

    /// <summary>What the plan found out must not be kept alive, nor be taken for that of the next one.</summary>
    private void Forget()
    {
        Array.Clear(reasons);
        Array.Clear(queued);
        still.Clear();
    }

    private DateTimeOffset? NextChange(DateTimeOffset now)
    {
        var next = table.NextChange();
        foreach (var part in parts.Rules.Cast<object?>().Concat([order, parts.Preference, parts.Preemption, parts.Power]))
        {
            if (part is IChangesByItself changing && changing.NextChange(this, now) is { } at && at > now && !(at >= next))
            {
                next = at;
            }
        }

        return next;
    }
}
