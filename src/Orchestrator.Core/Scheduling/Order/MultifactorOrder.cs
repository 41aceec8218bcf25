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
    private Key[] keys = [];
    private PriorityFactors[] factors = [];
    private PriorityClass[] unaged = [];
    private PriorityClass[] classes = [];
    private double[] costs = [];
    private int[] next = [];
    private int[] turns = [];
    private int[] byTurn = [];
    private FairNode[] users = [];

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
        Factorize(view, settings, now.UtcTicks, count);
        Deal(new(view, now), settings, count);
        var verdicts = Verdicts(view.Context.Hook);
        ranked.EnsureCapacity(count);
        for (var index = 0; index < count; index++)
        {
            ref var key = ref keys[index];
            key = KeyOf(index, settings, verdicts);
        }

        Sort(count);
        foreach (ref readonly var key in keys.AsSpan(0, count))
        {
            ranked.Add(new(requests[key.Index], key.Priority, factors[key.Index]) { Class = classes[key.Index], Source = key.Source });
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
            (requests, keys, factors, classes) = (new PendingRequest[size], new Key[size], new PriorityFactors[size], new PriorityClass[size]);
            (costs, next, turns, byTurn, users, unaged) = (new double[size], new int[size], new int[size], new int[size], new FairNode[size], new PriorityClass[size]);
        }

        var index = 0;
        foreach (var request in view.Pending)
        {
            requests[index++] = request;
        }

        return count;
    }

    /// <summary>All but fair share.</summary>
    private void Factorize(ISchedulingView view, OrderSettings settings, long now, int count)
    {
        var classOf = new EffectiveClass(settings);
        long cluster = 0;
        foreach (var node in view.Nodes)
        {
            cluster += Math.Max(0, node.Cores);
        }

        var ageFull = (double)settings.AgeFull.Ticks;
        var margin = settings.DeadlineMargin.Ticks;
        for (var index = 0; index < count; index++)
        {
            var request = requests[index];
            // Without a moment nothing is known of its wait.
            var waited = request.QueuedSince == default ? 0 : Math.Max(0, now - request.QueuedSince.UtcTicks);
            var left = request.Deadline is { } deadline ? deadline.UtcTicks - now : long.MaxValue;
            var work = (request.WorkAhead ?? request.DurationEstimate)?.Ticks ?? 0;
            var atRisk = request.Deadline is not null && work >= left - margin;
            unaged[index] = classOf.WithoutAge(request, left, atRisk);
            classes[index] = classOf.Aged(unaged[index], waited);
            var size = cluster == 0 ? 0 : Math.Clamp((double)request.Resources.Nodes * request.Resources.RanksPerNode * request.Resources.Threads / cluster, 0, 1);
            factors[index] = new()
            {
                Class = EffectiveClass.Factor(classes[index]),
                Age = Math.Min(1, waited / ageFull),
                Deadline = request.Deadline is null ? 0 : Urgency(left, atRisk),
                Size = settings.SmallFirst ? 1 - size : size,
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
            keys[index] = new(Computed(index, settings), settings.Policy, requests[index], index, PrioritySource.Computed);
        }

        Sort(count);
        foreach (ref readonly var key in keys.AsSpan(0, count))
        {
            var index = key.Index;
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

    private Key KeyOf(int index, OrderSettings settings, Dictionary<AttemptId, HookVerdict>? verdicts)
    {
        var request = requests[index];
        if (request.PriorityOverride is { } set && !double.IsNaN(set))
        {
            return new(Math.Clamp(set, 0, 1), settings.Policy, request, index, PrioritySource.Override);
        }

        if (verdicts is not null && verdicts.TryGetValue(request.Attempt, out var verdict) && verdict.Priority is { } said && !double.IsNaN(said))
        {
            return new(Math.Clamp(said, 0, 1), settings.Policy, request, index, PrioritySource.Hook);
        }

        return new(Computed(index, settings), settings.Policy, request, index, PrioritySource.Computed);
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

    private void Sort(int count) => keys.AsSpan(0, count).Sort(new ByKey(requests));

    private readonly struct Key(double priority, QueuePolicy policy, PendingRequest request, int index, PrioritySource source)
    {
        public double Priority => priority;

        public long Deadline { get; } = policy is QueuePolicy.Weighted or QueuePolicy.Deadline && request.Deadline is { } deadline ? deadline.UtcTicks : long.MaxValue;

        public long Submission { get; } = request.SubmissionOrder;

        public int Index => index;

        public PrioritySource Source => source;
    }

    private sealed class ByKey(PendingRequest[] requests) : IComparer<Key>
    {
        public int Compare(Key x, Key y) =>
            x.Priority != y.Priority ? (x.Priority > y.Priority ? -1 : 1)
            : x.Deadline != y.Deadline ? (x.Deadline < y.Deadline ? -1 : 1)
            : x.Submission != y.Submission ? (x.Submission < y.Submission ? -1 : 1)
            : x.Index == y.Index ? 0
            : CompareAttempts(requests[x.Index].Attempt, requests[y.Index].Attempt);

        private static int CompareAttempts(AttemptId x, AttemptId y)
        {
            var simulations = x.Simulation.CompareTo(y.Simulation);
            var stages = simulations != 0 ? simulations : string.CompareOrdinal(x.Stage, y.Stage);
            return stages != 0 ? stages : x.Epoch.CompareTo(y.Epoch);
        }
    }
}
