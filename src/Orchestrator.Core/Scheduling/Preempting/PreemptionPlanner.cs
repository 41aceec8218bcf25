using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>
/// Who makes way, and for whom: first for windows and reservations, then for guarantees that are claimed back, then for those that wait, in their turn.
/// <list type="bullet">
/// <item>Never a protected one, but for what windows may do (invariant 7); nobody within its quantum, its cooldown, or beyond its cap of the day.</item>
/// <item>Nobody for work that would not start then: it must fit, and be done before the place in time of those ahead that get none.</item>
/// <item>Who is on its way is waited for, and nobody else is asked for the same room; who is not gone in time is stuck, others are asked, and its nodes are not counted on.</item>
/// </list>
/// </summary>
public sealed class PreemptionPlanner : IPreemptionPlanner, IChangesByItself
{
    /// <inheritdoc/>
    public ImmutableArray<Preemption> Choose(ISchedulingView view, IReadOnlyList<StillWaiting> waiting, ImmutableArray<Placement> starts, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(waiting);
        if (view.Running.Count == 0)
        {
            return [];
        }

        var memo = PlanMemo.Of(view);
        var protection = memo.Protection(view);
        var preemptions = ImmutableArray.CreateBuilder<Preemption>();
        preemptions.AddRange(memo.Drain(view, now).Due);
        if (view.Settings.Preemption.Enabled && waiting.Count > 0)
        {
            var plan = new Choice(view, protection, starts, preemptions, now);
            plan.Reclaim(waiting);
            plan.HigherClasses(waiting);
        }

        return preemptions.ToImmutable();
    }

    /// <inheritdoc/>
    public DateTimeOffset? NextChange(ISchedulingView view, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(view);
        var settings = view.Settings.Preemption;
        var memo = PlanMemo.Of(view);
        var drain = memo.Drain(view, now).Next;
        if (!settings.Enabled || view.Pending.Count == 0)
        {
            return drain;
        }

        var next = new EarliestMoment(now);
        next.Consider(drain);
        var highest = PriorityClass.Absent;
        foreach (var request in view.Pending)
        {
            var priority = VictimRules.ClassOf(request);
            highest = priority > highest ? priority : highest;
        }

        var moments = view is SchedulingWorkspace workspace ? workspace.VictimMoments : new();
        var lowest = moments.Consider(view, memo.Protection(view), highest, ref next);
        if (lowest == PriorityClass.Absent)
        {
            return next.Found;
        }

        foreach (var request in view.Pending)
        {
            if (VictimRules.Outranks(VictimRules.ClassOf(request), lowest, settings))
            {
                next.Consider(request.QueuedSince, settings.WaitFirst);
            }
        }

        return next.Found;
    }

    /// <summary>One call of <see cref="Choose"/>.</summary>
    private sealed class Choice(ISchedulingView view, ProtectionBudget protection, ImmutableArray<Placement> starts, ImmutableArray<Preemption>.Builder preemptions, DateTimeOffset now)
    {
        private readonly PreemptionSettings settings = view.Settings.Preemption;
        /// <summary>As many shapes of those that wait on are looked at, before room is made for one behind them.</summary>
        private const int AheadMax = 64;

        private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

        private readonly HashSet<(ResourceRequest Resources, PriorityClass Class, string User, string Reservation, TimeSpan? Duration)> failed = [];
        private readonly Dictionary<(ResourceRequest Resources, PriorityClass Class, string User, string Reservation, TimeSpan? Duration), PendingRequest> ahead = [];
        private readonly HashSet<AttemptId> served = [];
        private readonly bool isTimed = !view.Context.Windows.IsEmpty || !view.Context.Reservations.IsEmpty || view.Nodes.Any(static node => node.AllocationEnd is not null);
        /// <summary>Of each class that asked, and the reservation inside of which it runs: who may be asked. Good until somebody makes way.</summary>
        private readonly Dictionary<(PriorityClass Class, string Reservation), List<VictimLease>> candidatesOf = [];
        private VictimSearch? search;

        /// <summary>Opened only when it is asked for; what stayed since the last plan is not laid out anew.</summary>
        private VictimSearch Search => search ??= Open();

        private VictimRoom Room => Search.Room;

        private VictimSearch Open()
        {
            var opened = view is SchedulingWorkspace workspace ? workspace.Victims : new(new());
            opened.Room.Open(view, protection, starts.IsDefault ? [] : starts, preemptions.Select(static order => order.Victim).ToHashSet(), now);
            opened.Open();
            return opened;
        }

        /// <summary>Guarantees that are lent come back.</summary>
        public void Reclaim(IReadOnlyList<StillWaiting> waiting)
        {
            var claims = ShareReclaim.Claims(view, now, withCandidates: false, Math.Max(1, settings.TriesMax));
            if (claims.IsEmpty)
            {
                return;
            }

            var turns = Turns(waiting, claims);
            var excess = new Dictionary<string, long>(claims[0].Excess, StringComparer.Ordinal);
            var allowed = new Dictionary<PriorityClass, List<VictimLease>>();
            List<VictimLease>? borrowers = null;
            var isSorted = false;
            foreach (var claim in claims)
            {
                if (!turns.TryGetValue(claim.Request!, out var turn) || !WaitsForNodes(turn.Waits))
                {
                    continue;
                }

                var request = turn.Turn.Request;
                borrowers ??= Borrowers(excess);
                // Most find nobody even where everybody might be asked: whom of them the guarantees leave need not be known then.
                if (!Search.CanFind(request, borrowers))
                {
                    continue;
                }

                if (!isSorted)
                {
                    VictimLease.SortByValue(borrowers);
                    isSorted = true;
                }

                if (!allowed.TryGetValue(VictimRules.ClassOf(request), out var candidates))
                {
                    allowed.Add(VictimRules.ClassOf(request), candidates = Within(excess, borrowers, request));
                }

                if (Search.Find(request, candidates, []) is { } victims)
                {
                    served.Add(request.Attempt);
                    allowed.Clear();
                    foreach (var victim in victims)
                    {
                        excess[victim.Lease.Owner.Account.Value ?? ""] -= victim.Cores;
                    }

                    Ask(victims, PreemptionTrigger.Fairness, request, $"account {claim.Account} claims its guarantee");
                }
            }
        }

        /// <summary>Of the borrowers, who are the least valuable first, as many as no account is brought below its guarantee by.</summary>
        private List<VictimLease> Within(Dictionary<string, long> excess, List<VictimLease> borrowers, PendingRequest request)
        {
            var left = Room.ByAccount(excess);
            var candidates = Search.NewList();
            foreach (var lease in borrowers)
            {
                if (lease.Gone || IsThrash(lease.Lease, request))
                {
                    continue;
                }

                if (left[lease.Account] >= lease.Cores)
                {
                    left[lease.Account] -= lease.Cores;
                    candidates.Add(lease);
                }
            }

            return candidates;
        }

        /// <summary>Those of the claims that still wait.</summary>
        private static Dictionary<PendingRequest, StillWaiting> Turns(IReadOnlyList<StillWaiting> waiting, ImmutableArray<ReclaimClaim> claims)
        {
            var turns = new Dictionary<PendingRequest, StillWaiting>(ReferenceEqualityComparer.Instance);
            var first = claims.Select(static claim => claim.Request!).ToHashSet<PendingRequest>(ReferenceEqualityComparer.Instance);
            for (var i = 0; i < waiting.Count && turns.Count < first.Count; i++)
            {
                var one = waiting[i];
                if (first.Contains(one.Turn.Request))
                {
                    turns.Add(one.Turn.Request, one);
                }
            }

            return turns;
        }

        /// <summary>Those that any claim may take: they are the same for all claims of one view.</summary>
        private List<VictimLease> Borrowers(Dictionary<string, long> excess)
        {
            var found = Search.NewList();
            var left = Room.ByAccount(excess);
            foreach (var lease in Room.Leases)
            {
                // As ShareReclaim.IsCandidate: against who is over, or was asked, something is anyway.
                if (lease.Refusal == VictimRefusal.Absent && !lease.MayBeProtected && left[lease.Account] > long.MinValue)
                {
                    found.Add(lease);
                }
            }

            return found;
        }

        /// <summary>Higher classes, and among them those that would miss a deadline, have lower ones make way.</summary>
        public void HigherClasses(IReadOnlyList<StillWaiting> waiting)
        {
            var lowest = Room.Lowest();
            if (lowest == PriorityClass.Absent || !waiting.Any(one => VictimRules.Outranks(VictimRules.ClassOf(one.Turn.Request), lowest, settings) && WaitsForNodes(one.Waits)))
            {
                return;
            }

            var tries = 0;
            DateTimeOffset? barrier = null;
            for (var i = 0; i < waiting.Count && tries < Math.Max(1, settings.TriesMax); i++)
            {
                var one = waiting[i];
                var (request, waits) = (one.Turn.Request, one.Waits);
                if (!WaitsForNodes(waits) || served.Count > 0 && served.Contains(request.Attempt))
                {
                    continue;
                }

                var isServed = false;
                if (StartsAnyway(waits))
                {
                    tries++;
                    isServed = Search.TryFit(request);
                }

                if (!isServed && VictimRules.Outranks(VictimRules.ClassOf(request), lowest, settings)
                    && VictimRules.Reason(request, waits.PlannedStart, settings, now) is not PreemptionTrigger.Absent and var trigger
                    && !StartsAnyway(waits) && EndsBefore(request, barrier) && ahead.Count <= AheadMax
                    && (!request.Avoid.IsEmpty || !failed.Contains(ShapeOf(request))))
                {
                    tries++;
                    isServed = Serve(request, trigger);
                    if (!isServed && request.Avoid.IsEmpty)
                    {
                        failed.Add(ShapeOf(request));
                    }
                }

                if (!isServed)
                {
                    // Who waits on keeps its turn and its place in time: what comes behind must not take them.
                    if (ahead.Count <= AheadMax)
                    {
                        ahead.TryAdd(ShapeOf(request), request);
                    }

                    barrier = waits.PlannedStart is { } planned && (barrier is null || planned < barrier) ? planned : barrier;
                }
            }
        }

        private bool Serve(PendingRequest request, PreemptionTrigger trigger)
        {
            if (Search.Find(request, Candidates(request), ahead.Values, VictimRules.LossMost(request, trigger, settings)) is not { } victims)
            {
                return false;
            }

            candidatesOf.Clear();
            Ask(victims, trigger, request, trigger == PreemptionTrigger.Deadline ? $"it would miss its deadline, {request.Deadline:u}" : "it is of a higher class");
            return true;
        }

        /// <summary>Work of lower classes, but none of its own simulation.</summary>
        private List<VictimLease> Candidates(PendingRequest request)
        {
            var rank = VictimRules.ClassOf(request);
            ref var all = ref CollectionsMarshal.GetValueRefOrAddDefault(candidatesOf, (rank, request.Reservation), out _);
            if (all is null)
            {
                all = Search.NewList();
                foreach (var lease in Room.Leases)
                {
                    if (lease is { Gone: false, Refusal: VictimRefusal.Absent } && VictimRules.Outranks(rank, lease.Priority, settings) && lease.Lease.Reservation == request.Reservation)
                    {
                        all.Add(lease);
                    }
                }
            }

            var own = request.Attempt.Simulation;
            return Room.MayRun(own) && all.Exists(lease => lease.Lease.Attempt.Simulation == own) ? all.FindAll(lease => lease.Lease.Attempt.Simulation != own) : all;
        }

        /// <summary>Requests of one shape find the same; how long they last matters only where something is arranged for a time.</summary>
        private (ResourceRequest Resources, PriorityClass Class, string User, string Reservation, TimeSpan? Duration) ShapeOf(PendingRequest request) =>
            (request.Resources, VictimRules.ClassOf(request), request.User, request.Reservation, isTimed ? request.DurationEstimate : null);

        private void Ask(List<VictimLease> victims, PreemptionTrigger trigger, PendingRequest request, string why)
        {
            victims.Sort(VictimLease.CompareId);
            foreach (var victim in victims)
            {
                var lease = victim.Lease;
                preemptions.Add(new()
                {
                    Victim = lease.Attempt,
                    Trigger = trigger,
                    For = request.Attempt.ToString(),
                    StopBy = VictimRules.StopBy(lease, settings, now),
                    Cost = PreemptionCost.Of(lease, now),
                    Action = PreemptionActions.For(trigger, lease.Priority),
                    BeyondProtection = lease.Protected,
                    Reason = $"{request.Attempt} ({VictimRules.ClassOf(request)}) waits since {request.QueuedSince:u}, {why}; of what is enough, this ({lease.Priority}) costs least",
                });
            }
        }

        private static bool IsThrash(RunningLease lease, PendingRequest request) => lease.StartedByPreemption && VictimRules.ClassOf(request) <= lease.Priority;

        /// <summary>Only what other attempts hold keeps it back: no budget, hook or share.</summary>
        private static bool WaitsForNodes(in WaitingTurn waits) => waits.Constraint is >= PlacementConstraint.Exclusivity and <= PlacementConstraint.NotAhead or PlacementConstraint.Reserved;

        /// <summary>It has a place by the time at which a victim would be gone. A place that counts on work which should be over by its estimate, and is not, is none.</summary>
        private bool StartsAnyway(in WaitingTurn waits) => waits.PlannedStart is { } start && start > now + Moment && start <= now + settings.CheckpointWait;

        private bool EndsBefore(PendingRequest request, DateTimeOffset? barrier) =>
            barrier is not { } at || request.DurationEstimate is { } estimate && at > now && estimate <= at - now - settings.CheckpointWait;
    }
}
