using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Hooks;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Order;

/// <summary>
/// The order of <see cref="OrderSettings"/>. A priority set by an operator or the owner goes before one that the hook set, and that before the computed one; all of them are numbers from 0
/// to 1 on one scale. Where priorities are equal, under the weighted and the deadline policy the earlier deadline goes first; then, as under all policies, the earlier submission; then
/// the smaller id of the attempt. The order in which requests are listed decides nothing (invariant 11). It keeps buffers, not results, from one ranking to the next, so that a changed
/// deadline, class or verdict counts with the next; it is not safe for several threads.
/// </summary>
public sealed class MultifactorOrder : IRequestOrder
{
    /// <summary>So many turns later a request has half of what the turn is worth.</summary>
    private const double TurnsToHalf = 100;

    private static readonly long UrgencyTicks = TimeSpan.FromDays(2).Ticks;

    private readonly List<RankedRequest> ranked = [];
    private PendingRequest[] requests = [];
    private ulong[] keys = [];
    private int[] items = [];
    private double[] priorities = [];
    private PrioritySource[] sources = [];
    private PriorityFactors[] factors = [];
    private PriorityClass[] unaged = [];
    private PriorityClass[] classes = [];
    private double[] costs = [];
    private int[] next = [];
    private int[] turns = [];
    private int[] byTurn = [];
    private FairNode[] users = [];

    // Sizes: core-seconds, seconds, the part of work that is smaller, and how long it counts as having waited among those that slip in.
    private double[] areas = [];
    private double[] seconds = [];
    private double[] slips = [];
    private int[] backfill = [];

    /// <summary>Those that have waited as long as anybody should.</summary>
    private bool[] starved = [];
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
        var count = Load(view);
        Measure(count);
        Factorize(settings, Scale(view.Context.Work, count), Drain(view, count), now.UtcTicks, count);
        Deal(new(view, now), settings, count);
        var verdicts = Verdicts(view.Context.Hook);
        ranked.EnsureCapacity(count);
        for (var index = 0; index < count; index++)
        {
            (priorities[index], sources[index]) = Decided(index, settings, verdicts);
        }

        Sort(settings.Policy, count);
        Slip(settings.Policy, count);
        foreach (var index in items.AsSpan(0, count))
        {
            ranked.Add(new(requests[index], priorities[index], factors[index]) { Class = classes[index], Source = sources[index], BackfillTurn = backfill[index] });
        }

        // Buffers must not keep alive what does not wait any more.
        Array.Clear(requests, 0, count);
        Array.Clear(users, 0, count);
        return ranked;
    }

    private int Load(ISchedulingView view)
    {
        var count = view.Pending.Count;
        if (requests.Length < count)
        {
            var size = Math.Max(16, count + (count / 2));
            (requests, keys, items, priorities) = (new PendingRequest[size], new ulong[size], new int[size], new double[size]);
            (sources, factors, classes) = (new PrioritySource[size], new PriorityFactors[size], new PriorityClass[size]);
            (costs, next, turns, byTurn, users, unaged) = (new double[size], new int[size], new int[size], new int[size], new FairNode[size], new PriorityClass[size]);
            (areas, seconds, slips, backfill) = (new double[size], new double[size], new double[size], new int[size]);
            starved = new bool[size];
        }

        var index = 0;
        foreach (var request in view.Pending)
        {
            requests[index++] = request;
        }

        return count;
    }

    private void Measure(int count)
    {
        for (var index = 0; index < count; index++)
        {
            seconds[index] = Math.Max(1, FairTree.Length(requests[index]) / (double)TimeSpan.TicksPerSecond);
            // A limit beyond all machines, so that sums stay whole numbers.
            areas[index] = Math.Min(seconds[index] * Math.Max(1, FairTree.Cores(requests[index].Resources)), 1e13);
        }
    }

    private WorkScale Scale(LearnedWork work, int count)
    {
        if (work.Area <= 0)
        {
            return WorkScale.Of(areas.AsSpan(0, count), seconds.AsSpan(0, count));
        }

        if (!ReferenceEquals(learned.Learned, work))
        {
            learned = (work, WorkScale.Of(work));
        }

        return learned.Scale;
    }

    /// <summary>Seconds for which what waits would fill the whole cluster.</summary>
    private double Drain(ISchedulingView view, int count)
    {
        long cores = 0;
        foreach (var node in view.Nodes)
        {
            cores += Math.Max(0, node.Cores);
        }

        // In whole numbers, since their sum is the same in any order.
        var waiting = 0L;
        for (var index = 0; index < count; index++)
        {
            waiting += (long)areas[index];
        }

        return cores == 0 ? 0 : waiting / (double)cores;
    }

    /// <summary>All but fair share.</summary>
    private void Factorize(OrderSettings settings, WorkScale scale, double drain, long now, int count)
    {
        var classOf = new EffectiveClass(settings);
        var ageHalf = (double)settings.AgeHalf.Ticks;
        var margin = settings.DeadlineMargin.Ticks;
        var head = settings.HeadStart;
        var length = scale.Length * TimeSpan.TicksPerSecond;
        var deep = drain > 0 ? drain / (drain + scale.Length) : 0;
        var veryDeep = drain > 0 ? drain / (drain + (2 * scale.Length)) : 0;
        for (var index = 0; index < count; index++)
        {
            var request = requests[index];
            // Without a moment nothing is known of its wait.
            var waited = request.QueuedSince == default ? 0 : Math.Max(0, now - request.QueuedSince.UtcTicks);
            var left = request.Deadline is { } deadline ? deadline.UtcTicks - now : long.MaxValue;
            var work = (request.WorkAhead ?? request.DurationEstimate)?.Ticks ?? 0;
            var atRisk = request.Deadline is not null && work >= left - margin;
            starved[index] = settings.LongestWait is { } longest && waited >= longest.Ticks;
            unaged[index] = classOf.WithoutAge(request, left, atRisk);
            classes[index] = classOf.Aged(unaged[index], waited);
            var smaller = scale.Smaller(areas[index]);
            var small = 1 / (1 + (smaller / head.SmallPart));
            var counted = waited + (length * deep * head.Small * small);
            slips[index] = waited + (length * veryDeep * ((head.SmallInBackfill * small) + (head.LargeInBackfill * veryDeep * smaller)));
            factors[index] = new()
            {
                Class = EffectiveClass.Factor(classOf.Aged(unaged[index], (long)counted)),
                Age = counted / (counted + ageHalf),
                Deadline = request.Deadline is null ? 0 : Urgency(left, atRisk),
                Size = small,
                Promise = double.IsNaN(request.Promise) ? 0.5 : Math.Clamp(request.Promise, 0, 1),
            };
        }
    }

    /// <summary>Falls with the time that is left, without end, so that the earlier of two deadlines is always the more urgent; risk is worth more than any nearness.</summary>
    private static double Urgency(long left, bool atRisk)
    {
        var nearness = left >= 0 ? 0.75 * UrgencyTicks / (UrgencyTicks + (double)left) : 0.75 + (0.25 * (1 - (UrgencyTicks / (UrgencyTicks - (double)left))));
        return (atRisk ? 0.5 : 0) + (0.5 * Math.Max(nearness, double.Epsilon));
    }

    /// <summary>Inside a user's work the other factors decide; between users the tree does.</summary>
    private void Deal(FairTree tree, OrderSettings settings, int count)
    {
        for (var index = 0; index < count; index++)
        {
            priorities[index] = Computed(index, settings);
        }

        Sort(settings.Policy, count);
        foreach (var index in items.AsSpan(0, count))
        {
            var user = tree.User(requests[index].Owner);
            costs[index] = tree.Cost(requests[index]);
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
            users[index] = user;
        }

        tree.Judge();
        tree.Deal(next, costs, turns);
        for (var index = 0; index < count; index++)
        {
            byTurn[turns[index]] = index;
        }

        ByTurn(count);
        for (var index = 0; index < count; index++)
        {
            if (starved[index])
            {
                ref var of = ref factors[index];
                of = of with { Class = Math.Max(of.Class, EffectiveClass.Factor(PriorityClass.High)), Age = 1, FairShare = 1 };
            }
        }
    }

    /// <summary>
    /// Fair share, and what age has to do with it: a wait carries nobody past those whose turn is due before his and who were not of a lower class without it; they count as having waited as long.
    /// Otherwise, on a full machine, those who may use little of it would wait longest, and by that get more than their share.
    /// </summary>
    private void ByTurn(int count)
    {
        Span<double> oldest = stackalloc double[(int)PriorityClass.Critical + 1];
        Span<double> highest = stackalloc double[(int)PriorityClass.Critical + 1];
        for (var turn = count - 1; turn >= 0; turn--)
        {
            var index = byTurn[turn];
            ref var of = ref factors[index];
            var (age, level) = (of.Age, of.Class);
            for (var lower = (int)PriorityClass.Background; lower <= (int)unaged[index]; lower++)
            {
                age = Math.Max(age, oldest[lower]);
                level = Math.Max(level, highest[lower]);
            }

            (oldest[(int)unaged[index]], highest[(int)unaged[index]]) = (age, level);
            of = of with { Age = age, Class = level, FairShare = 0.5 * ((TurnsToHalf / (TurnsToHalf + turn)) + users[index].Want) };
        }
    }

    private (double Priority, PrioritySource Source) Decided(int index, OrderSettings settings, Dictionary<AttemptId, HookVerdict>? verdicts)
    {
        var request = requests[index];
        if (request.PriorityOverride is { } set && !double.IsNaN(set))
        {
            return (Math.Clamp(set, 0, 1), PrioritySource.Override);
        }

        return verdicts is not null && verdicts.TryGetValue(request.Attempt, out var verdict) && verdict.Priority is { } said && !double.IsNaN(said)
            ? (Math.Clamp(said, 0, 1), PrioritySource.Hook)
            : (Computed(index, settings), PrioritySource.Computed);
    }

    private double Computed(int index, OrderSettings settings)
    {
        ref readonly var of = ref factors[index];
        var weights = settings.Weights;
        return settings.Policy switch
        {
            QueuePolicy.Fifo => 0.5,
            QueuePolicy.Priority => of.Class,
            QueuePolicy.Fair => of.FairShare,
            QueuePolicy.Deadline => of.Deadline,
            _ => ((weights.Class * of.Class) + (weights.Age * of.Age) + (weights.FairShare * of.FairShare) + (weights.Deadline * of.Deadline)
                + (weights.Size * of.Size) + (weights.Promise * of.Promise)) / OrderRules.Sum(weights),
        };
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

    /// <summary>
    /// The order of those that may only slip in: the places that a user's work of one class has in the queue stay its own, and it takes them by wait and size, so that neither shares nor classes
    /// change by it.
    /// </summary>
    private void Slip(QueuePolicy policy, int count)
    {
        for (var turn = 0; turn < count; turn++)
        {
            backfill[items[turn]] = turn;
        }

        if (policy != QueuePolicy.Weighted)
        {
            return;
        }

        // Strings the work of each user and class together, the first to slip in first; next and Next are free again after turns were dealt.
        var slots = byTurn;
        var slipping = 0;
        for (var turn = 0; turn < count; turn++)
        {
            var index = items[turn];
            if (requests[index].Deadline is null && sources[index] == PrioritySource.Computed)
            {
                (keys[slipping], slots[slipping]) = (ulong.MaxValue - BitConverter.DoubleToUInt64Bits(slips[index]), turn);
                slipping++;
            }
        }

        Array.Sort(keys, slots, 0, slipping);
        Regroup(slipping);
    }

    private void Regroup(int slipping)
    {
        for (var at = 0; at < slipping;)
        {
            // Those that count the same go in the order of the queue.
            var end = at + 1;
            while (end < slipping && keys[end] == keys[at])
            {
                end++;
            }

            byTurn.AsSpan(at, end - at).Sort();
            at = end;
        }

        for (var at = 0; at < slipping; at++)
        {
            var index = items[byTurn[at]];
            users[index].Enqueue((int)unaged[index], index, next);
        }

        // Places in the order of the queue, each to the first that waits in its group.
        byTurn.AsSpan(0, slipping).Sort();
        for (var at = 0; at < slipping; at++)
        {
            var index = items[byTurn[at]];
            backfill[users[index].Dequeue((int)unaged[index], next)] = byTurn[at];
        }
    }

    /// <summary>Puts the indices of the requests into <see cref="items"/>, in their turn.</summary>
    private void Sort(QueuePolicy policy, int count)
    {
        for (var index = 0; index < count; index++)
        {
            items[index] = index;
        }

        Sort(SortLevel.Priority, policy is QueuePolicy.Weighted or QueuePolicy.Deadline, 0, count);
    }

    /// <summary>By one key after the other, each for those that are equal by all before it: sorts of plain numbers are several times as fast as one with a comparison of all.</summary>
    private void Sort(SortLevel level, bool byDeadline, int from, int to)
    {
        if (level == SortLevel.Attempt)
        {
            items.AsSpan(from, to - from).Sort((x, y) => CompareAttempts(requests[x].Attempt, requests[y].Attempt));
            return;
        }

        var sorted = true;
        for (var at = from; at < to; at++)
        {
            keys[at] = KeyOf(items[at], level);
            sorted &= at == from || keys[at - 1] <= keys[at];
        }

        if (!sorted)
        {
            Array.Sort(keys, items, from, to - from);
        }

        var next = level == SortLevel.Priority && byDeadline ? SortLevel.Deadline : level == SortLevel.Submission ? SortLevel.Attempt : SortLevel.Submission;
        for (var start = from; start < to;)
        {
            var end = start + 1;
            while (end < to && keys[end] == keys[start])
            {
                end++;
            }

            if (end - start > 1)
            {
                // The keys of the run are overwritten; those behind it are not.
                Sort(next, byDeadline, start, end);
            }

            start = end;
        }
    }

    /// <summary>Smaller goes first.</summary>
    private ulong KeyOf(int index, SortLevel level) => level switch
    {
        // The bits of numbers that are not negative are in the order of the numbers.
        SortLevel.Priority => ulong.MaxValue - BitConverter.DoubleToUInt64Bits(priorities[index]),
        SortLevel.Deadline => (ulong)(requests[index].Deadline?.UtcTicks ?? long.MaxValue),
        _ => (ulong)requests[index].SubmissionOrder ^ (1UL << 63),
    };

    private static int CompareAttempts(AttemptId x, AttemptId y)
    {
        var simulations = x.Simulation.CompareTo(y.Simulation);
        var stages = simulations != 0 ? simulations : string.CompareOrdinal(x.Stage, y.Stage);
        return stages != 0 ? stages : x.Epoch.CompareTo(y.Epoch);
    }

    private enum SortLevel
    {
        Priority,
        Deadline,
        Submission,
        Attempt,
    }
}
