using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Hooks;
using Orchestrator.Core.Scheduling.Preempting;

namespace Orchestrator.Core.Scheduling.Order;

/// <summary>
/// The order of <see cref="OrderSettings"/>. A priority set by an operator or the owner goes before one that the hook set, and that before the computed one; all of them are numbers from 0
/// to 1 on one scale. Scenarios that steering gave shares divide the places of their set by them (<see cref="ScenarioDeal"/>). Where priorities are equal, under the weighted and the deadline policy the earlier deadline goes first; then, as under all policies, the earlier submission; then
/// the smaller id of the attempt. The order in which requests are listed decides nothing (invariant 11). From one ranking to the next it keeps what does not change of requests and leases that stay,
/// and where sorts begin, but no results, so that a changed deadline, class or verdict counts with the next; it is not safe for several threads.
/// </summary>
public sealed class MultifactorOrder : IRequestOrder
{
    private readonly List<RankedRequest> ranked = [];
    private readonly WaitingWork work = new();
    private readonly FairTree tree = new();
    private readonly FactorSheet sheet = new();

    /// <summary>By all but fair share: so a user's own work goes.</summary>
    private readonly TurnOrder unshared = new();
    private readonly TurnOrder shared = new();
    private readonly ScenarioDeal scenarios = new();
    private readonly SlipOrder slip = new();
    private double[] priorities = [];
    private PrioritySource[] sources = [];
    private int[] next = [];
    private int[] turns = [];
    private int[] byTurn = [];
    private int[] places = [];
    private (LearnedWork Learned, WorkScale Scale) learned = (LearnedWork.Empty, WorkScale.Of(LearnedWork.Empty));

    /// <inheritdoc/>
    /// <remarks>The list is good until the next ranking.</remarks>
    /// <exception cref="ArgumentException">A number of the view's <see cref="OrderSettings"/> is out of its range; the message names it.</exception>
    public IReadOnlyList<RankedRequest> Rank(ISchedulingView view, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(view);
        var settings = view.Settings.Order;
        OrderRules.Check(settings);
        ranked.Clear();
        work.Load(view.Pending);
        Grow(work.Count);
        sheet.Fill(work.Facts, settings, Scale(view.Context.Work), Drain(view), now.UtcTicks);
        if (settings.Overload)
        {
            sheet.Lower(work.Facts, OverloadRule.Load(view.Nodes, view.Running));
        }

        tree.Open(view, now);
        Deal(settings);
        Decide(settings, Verdicts(view.Context.Hook));
        var items = shared.Sort(work.Facts, priorities.AsSpan(0, work.Count), IsByDeadline(settings.Policy));
        items = scenarios.Deal(items, view.Context, work.Facts, sheet.Factors, priorities, sources);
        for (var turn = 0; turn < items.Length; turn++)
        {
            places[items[turn]] = turn;
        }

        if (settings.Policy == QueuePolicy.Weighted)
        {
            slip.Place(items, work.Facts, sheet, sources, places);
        }

        ranked.EnsureCapacity(work.Count);
        foreach (var index in items)
        {
            ranked.Add(new(work[index].Request, priorities[index], sheet.Factors[index]) { Class = sheet.Classes[index], Source = sources[index], BackfillTurn = places[index] });
        }

        return ranked;
    }

    private static bool IsByDeadline(QueuePolicy policy) => policy is QueuePolicy.Weighted or QueuePolicy.Deadline;

    private void Grow(int count)
    {
        if (priorities.Length < count)
        {
            var size = Spare.Length(priorities.Length, count);
            (priorities, sources, next, turns, byTurn, places) = (new double[size], new PrioritySource[size], new int[size], new int[size], new int[size], new int[size]);
        }
    }

    private WorkScale Scale(LearnedWork known)
    {
        if (known.Area <= 0)
        {
            return WorkScale.Of(work.Facts);
        }

        if (!ReferenceEquals(learned.Learned, known))
        {
            learned = (known, WorkScale.Of(known));
        }

        return learned.Scale;
    }

    /// <summary>Seconds for which what waits would fill the whole cluster.</summary>
    private double Drain(ISchedulingView view)
    {
        long cores = 0;
        foreach (var node in view.Nodes)
        {
            cores += Math.Max(0, node.Cores);
        }

        // In whole numbers, since their sum is the same in any order.
        var waiting = 0L;
        foreach (ref readonly var facts in work.Facts)
        {
            waiting += (long)facts.Area;
        }

        return cores == 0 ? 0 : waiting / (double)cores;
    }

    /// <summary>Inside a user's work the other factors decide; between users the tree does.</summary>
    private void Deal(OrderSettings settings)
    {
        var own = priorities.AsSpan(0, work.Count);
        sheet.Sum(settings, own);
        foreach (var index in unshared.Sort(work.Facts, own, IsByDeadline(settings.Policy)))
        {
            var user = tree.User(ref work[index]);
            next[index] = -1;
            if (user.Next < 0)
            {
                user.Next = index;
            }
            else
            {
                next[user.Last] = index;
            }

            user.Last = index;
        }

        tree.Judge();
        tree.Deal(next, work.Facts, turns);
        for (var index = 0; index < work.Count; index++)
        {
            byTurn[turns[index]] = index;
        }

        sheet.Share(byTurn.AsSpan(0, work.Count), work.Facts, settings);
    }

    private void Decide(OrderSettings settings, Dictionary<AttemptId, HookVerdict>? verdicts)
    {
        sheet.Sum(settings, priorities.AsSpan(0, work.Count));
        for (var index = 0; index < work.Count; index++)
        {
            ref readonly var facts = ref work[index];
            sources[index] = PrioritySource.Computed;
            if (!double.IsNaN(facts.Override))
            {
                (priorities[index], sources[index]) = (Math.Clamp(facts.Override, 0, 1), PrioritySource.Override);
            }
            else if (verdicts is not null && verdicts.TryGetValue(facts.Request.Attempt, out var verdict) && verdict.Priority is { } said && !double.IsNaN(said))
            {
                (priorities[index], sources[index]) = (Math.Clamp(said, 0, 1), PrioritySource.Hook);
            }
        }
    }

    private static Dictionary<AttemptId, HookVerdict>? Verdicts(HookVerdicts hook)
    {
        if (hook.Verdicts.IsEmpty)
        {
            return null;
        }

        var verdicts = new Dictionary<AttemptId, HookVerdict>(hook.Verdicts.Count);
        foreach (var (text, verdict) in hook.Verdicts)
        {
            if (AttemptId.TryParse(text, out var attempt))
            {
                verdicts[attempt] = verdict;
            }
        }

        return verdicts;
    }
}
