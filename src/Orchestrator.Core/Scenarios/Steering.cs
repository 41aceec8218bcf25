using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios.Priorities;
using Orchestrator.Core.Scenarios.Reallocation;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Scenarios;

/// <summary>
/// What simulations are told so that compute follows the comparison: asynchronous successive halving over variants (<see cref="RungLadder"/>), at 1/27, 1/9 and 1/3 of the progress.
/// A member that comes to a rung which its variant may not pass yet pauses at a checkpoint, so that others get their turn; when all members of the variant have come there, the variant
/// is ranked by the mean of the objective, and goes on when it is among the best third. Nothing is ended, and nothing idles: while fewer run than could, the best of those that wait go on.
/// Variants with a protected member, and members that a person paused, are not touched; who did not report the objective is not judged, and never waits.
/// </summary>
internal static class Steering
{
    private const int Eta = 3;

    /// <summary>A promise that differs less is not told.</summary>
    private const double PromiseStep = 0.05;

    /// <summary>A share that differs less is not told.</summary>
    private const double ShareStep = 1e-4;

    /// <summary>Parts of the progress.</summary>
    public static ImmutableArray<double> Rungs { get; } = [1 / 27.0, 1 / 9.0, 1 / 3.0];

    public static bool IsProtected(ScenarioState state, string variant) => state.Definition.Protected.Length > 0 && state.Definition.Variants[variant].Any(state.Definition.Protected.Contains);

    /// <summary>The state with what simulations are to be told now.</summary>
    public static ScenarioState Follow(ScenarioState state)
    {
        var after = state with { Width = Math.Max(state.Width, state.Members.Values.Count(static member => member.IsActive)) };
        var hold = ImmutableHashSet<SimulationId>.Empty;
        if (state.Definition is { Steering: ScenarioSteering.Steer, Metric: not null })
        {
            (after, hold) = Climb(after);
        }

        return Divide(Promise(Order(after, hold)));
    }

    /// <summary>A person let a held member go on: its variant waits no more.</summary>
    public static ScenarioState LetGo(ScenarioState state, SimulationId simulation)
    {
        var variant = state.Members[simulation].Variant;
        return LeaveAlone(state, simulation) with
        {
            Rungs = state.Rungs.SetItem(variant, (state.Rungs.GetValueOrDefault(variant) ?? new()) with { Cleared = Rungs.Length }),
        };
    }

    /// <summary>Whether a member pauses or goes on is decided elsewhere: it is held no more, and told nothing about that.</summary>
    public static ScenarioState LeaveAlone(ScenarioState state, SimulationId simulation)
    {
        var order = state.Orders.GetValueOrDefault(simulation);
        return !state.Held.Contains(simulation) && order?.Hold is null
            ? state
            : state with { Held = state.Held.Remove(simulation), Orders = order is null ? state.Orders : With(state.Orders, simulation, order with { Hold = null }) };
    }

    /// <summary>What the scheduler holds of a member that goes on after its end is not known: it may have forgotten, or never been told to forget. All of it is told again.</summary>
    public static ScenarioState TellAnew(ScenarioState state, SimulationId simulation)
    {
        var order = state.Orders.GetValueOrDefault(simulation) ?? new() { Reason = "it goes on after its end" };
        return state with
        {
            Members = state.Members.SetItem(simulation, state.Members[simulation] with { Promise = null, Share = null }),
            Orders = state.Orders.SetItem(simulation, order with { Promise = null, ForgetsPromise = true, Share = null, ForgetsShare = true }),
        };
    }

    /// <summary>
    /// Of a member that asked for nothing while it was paused the scheduler forgets after a month what it was told: when it goes on, all of it is told again, which changes nothing where it is still known.
    /// </summary>
    public static ScenarioState TellAgain(ScenarioState state, SimulationId simulation)
    {
        var member = state.Members[simulation];
        if (member.HasEnded || (member.Promise is null && member.Share is null))
        {
            return state;
        }

        var order = state.Orders.GetValueOrDefault(simulation) ?? new() { Reason = "it goes on" };
        return state with { Orders = state.Orders.SetItem(simulation, order with { Promise = member.Promise ?? order.Promise, Share = member.Share ?? order.Share }) };
    }

    /// <summary>What was done to former members is undone: orders to those that are compared no more are kept until they were told, whatever becomes of the comparison.</summary>
    public static ScenarioState Release(ScenarioState state, IEnumerable<KeyValuePair<SimulationId, ScenarioMember>> former)
    {
        var orders = state.Orders;
        foreach (var (id, member) in former)
        {
            // One that left before, and came back, may still have to be told what it was to forget then.
            var pending = orders.GetValueOrDefault(id) ?? new();
            var isHeld = state.Held.Contains(id) || IsPausedBySteering(member) || pending.Hold is not null;
            orders = With(orders, id, new()
            {
                Hold = isHeld ? false : null,
                ForgetsPromise = member.Promise is not null || pending.ForgetsPromise,
                ForgetsShare = member.Share is not null || pending.ForgetsShare,
                Reason = "it is no longer compared",
            });
        }

        return ReferenceEquals(orders, state.Orders) ? state : state with { Orders = orders };
    }

    /// <summary>All members have ended: nothing is asked of them any more.</summary>
    public static ScenarioState Finish(ScenarioState state) => state with { Held = [], Orders = state.Orders.RemoveRange(state.Orders.Keys.Where(state.Members.ContainsKey).ToList()) };

    /// <summary>Who waits at a rung.</summary>
    private static (ScenarioState State, ImmutableHashSet<SimulationId> Hold) Climb(ScenarioState state)
    {
        // Members that a person paused, or that end, are nobody's to steer.
        var steered = state.Definition.Variants.ToDictionary(static variant => variant.Key, variant => Members(state, variant.Key).Where(static member => IsSteered(member.Member)).ToArray(), StringComparer.Ordinal);
        var names = state.Definition.Variants.Keys.Where(name => !IsProtected(state, name)).ToArray();
        var rungs = names.Select(name => Reached(state, name)).ToArray();
        var ladder = new RungLadder(Rungs.Length, Eta);
        for (var i = 0; i < names.Length; i++)
        {
            var hasEnded = Members(state, names[i]).All(static member => member.Member.HasEnded);
            for (var rung = 0; rung < rungs[i].Values.Length; rung++)
            {
                ladder.Reach(rung, i, rungs[i].Values[rung]);
                if (hasEnded || rung < rungs[i].Cleared || rung + 1 < rungs[i].Values.Length)
                {
                    ladder.Pass(rung, i);
                }
            }
        }

        // Those that run or wait for nodes, and for nothing else.
        var busy = steered.Values.Sum(static members => members.Length) - Enumerable.Range(0, names.Length).Sum(i => Waits(i).Count());
        while (ladder.TryPromote(out var promoted))
        {
            Clear(promoted);
        }

        // The floor: of variants that wait, a part goes on in any case, who has come least far first.
        var waiting = Enumerable.Range(0, names.Length).Where(i => rungs[i].Cleared < rungs[i].Values.Length && Waits(i).Any()).OrderBy(i => Members(state, names[i]).Average(static member => member.Member.Progress)).ToList();
        foreach (var i in waiting.Take((int)Math.Floor((state.Definition.Reallocation.FloorShare * waiting.Count) + 1e-9)))
        {
            Clear(i);
        }

        // As many as could run are kept busy: the best that wait fill up, then whoever came farthest of variants that are not complete at their rung.
        var width = Math.Max(1, state.Width);
        while (busy < width && ladder.TryFill(out var filled))
        {
            Clear(filled);
        }

        var hold = Enumerable.Range(0, names.Length).SelectMany(Waits).OrderByDescending(static member => member.Member.Progress).ThenBy(static member => member.Id).ToList();
        return (
            state with { Rungs = state.Rungs.SetItems(names.Select((name, i) => KeyValuePair.Create(name, rungs[i]))) },
            [.. hold.Skip(Math.Max(0, width - busy)).Select(static member => member.Id)]);

        void Clear(int i)
        {
            var before = Waits(i).Count();
            rungs[i] = rungs[i] with { Cleared = Math.Max(rungs[i].Cleared, rungs[i].Values.Length) };
            busy += before - Waits(i).Count();
        }

        IEnumerable<(SimulationId Id, ScenarioMember Member)> Waits(int i) => steered[names[i]].Where(member => Gated(state, rungs[i], member.Member));
    }

    private static bool Gated(ScenarioState state, VariantRungs rungs, ScenarioMember member) =>
        rungs.Cleared < Rungs.Length && member.Progress >= Rungs[rungs.Cleared] && member.Metrics.TryGetValue(state.Definition.Metric!, out var value) && double.IsFinite(value);

    /// <summary>It lives, and no person paused it.</summary>
    private static bool IsSteered(ScenarioMember member) => !member.HasEnded && member.Status != SimulationStatus.Cancelling && !member.IsPausedByOthers;

    private static bool IsPausedBySteering(ScenarioMember member) => member.Status is SimulationStatus.Paused or SimulationStatus.Pausing && !member.IsPausedByOthers;

    /// <summary>The rungs that all members of a variant have come to, with the objective when they had.</summary>
    private static VariantRungs Reached(ScenarioState state, string variant)
    {
        var rungs = state.Rungs.GetValueOrDefault(variant) ?? new();
        var members = Members(state, variant).Where(static member => member.Member.Status is not (SimulationStatus.Failed or SimulationStatus.Cancelled)).Select(static member => member.Member).ToList();
        if (members.Count == 0)
        {
            return rungs;
        }

        var progress = members.Min(static member => member.Progress);
        var values = members.Where(member => member.Metrics.TryGetValue(state.Definition.Metric!, out var value) && double.IsFinite(value)).Select(member => member.Metrics[state.Definition.Metric!]).ToArray();
        while (values.Length > 0 && rungs.Values.Length < Rungs.Length && progress >= Rungs[rungs.Values.Length])
        {
            var mean = ScenarioEvaluation.Summarize(values).Mean;
            rungs = rungs with { Values = rungs.Values.Add(state.Definition.HigherIsBetter ? -mean : mean) };
        }

        return rungs;
    }

    /// <summary>Orders for the differences between who is held and who is to be.</summary>
    private static ScenarioState Order(ScenarioState state, ImmutableHashSet<SimulationId> hold)
    {
        var held = state.Held.Where(id => state.Members.TryGetValue(id, out var member) && !member.HasEnded).ToImmutableArray();
        var known = held.ToHashSet();
        var orders = state.Orders.RemoveRange(state.Orders.Keys.Where(id => state.Members.TryGetValue(id, out var member) && member.HasEnded).ToList());

        // Not only who is held: an order that crossed with a person's may have paused a member that steering had already let go, and nobody else would resume it.
        foreach (var (id, member) in state.Members.Where(member => !member.Value.HasEnded && !hold.Contains(member.Key) && (known.Contains(member.Key) || IsPausedBySteering(member.Value))))
        {
            if (orders.GetValueOrDefault(id) is not { Hold: false })
            {
                orders = orders.SetItem(id, (orders.GetValueOrDefault(id) ?? new()) with { Hold = false, Reason = $"its scenario {member.Variant} goes on" });
            }
        }

        var added = hold.Where(id => !known.Contains(id)).Order().ToList();
        foreach (var id in added)
        {
            var variant = state.Members[id].Variant;
            var rung = Rungs[Math.Min(Rungs.Length - 1, state.Rungs[variant].Cleared)];
            orders = orders.SetItem(id, (orders.GetValueOrDefault(id) ?? new()) with
            {
                Hold = true,
                Reason = string.Create(CultureInfo.InvariantCulture, $"at {rung:P0} its scenario {variant} is not among the best third yet, and others have not come so far"),
            });
        }

        return held.Length == hold.Count && held.All(hold.Contains) && held.Length == state.Held.Length && ReferenceEquals(orders, state.Orders)
            ? state
            : state with { Held = [.. held.Where(hold.Contains), .. added], Orders = orders };
    }

    /// <summary>
    /// Members are told what their variant counts, where it steers or a person said so; who was told, and is to be no more, has again what it was submitted with.
    /// </summary>
    private static ScenarioState Promise(ScenarioState state)
    {
        var (members, orders) = (state.Members, state.Orders);
        foreach (var variant in state.Definition.Variants.Keys)
        {
            var priority = state.Priorities.Priorities.GetValueOrDefault(variant);
            var follows = state.Definition.Steering == ScenarioSteering.Steer && !IsProtected(state, variant);
            double? wanted = priority is { IsOverridden: true } || follows ? priority?.Value : null;
            foreach (var (id, member) in Members(state, variant).Where(static member => !member.Member.HasEnded))
            {
                if (wanted is { } value
                    ? priority!.IsOverridden ? member.Promise == value : Math.Abs((member.Promise ?? ScenarioPriority.Initial) - value) < PromiseStep
                    : member.Promise is null)
                {
                    continue;
                }

                var order = orders.GetValueOrDefault(id) ?? new() { Reason = $"the priority of its scenario {variant}" };
                orders = orders.SetItem(id, order with { Promise = wanted, ForgetsPromise = wanted is null });
                members = members.SetItem(id, member with { Promise = wanted });
            }
        }

        return ReferenceEquals(orders, state.Orders) && ReferenceEquals(members, state.Members) ? state : state with { Members = members, Orders = orders };
    }

    /// <summary>
    /// With steering, members are told the share of their variant once shares have moved, so that the scheduler divides by it what the set gets; who was told, and is to be no more, divides with nobody.
    /// </summary>
    private static ScenarioState Divide(ScenarioState state)
    {
        var (members, orders) = (state.Members, state.Orders);
        foreach (var variant in state.Definition.Variants.Keys)
        {
            var divides = state.Definition.Steering == ScenarioSteering.Steer && !IsProtected(state, variant);
            var wanted = divides && state.Shares.TryGetValue(variant, out var share) ? new ScenarioShare { Set = state.Definition.Id, Scenario = variant, Share = share } : null;
            foreach (var (id, member) in Members(state, variant).Where(static member => !member.Member.HasEnded))
            {
                if (wanted is null ? member.Share is null : member.Share is { } told && told.Set == wanted.Set && told.Scenario == wanted.Scenario && Math.Abs(told.Share - wanted.Share) < ShareStep)
                {
                    continue;
                }

                var order = orders.GetValueOrDefault(id) ?? new() { Reason = $"the share of its scenario {variant}" };
                orders = orders.SetItem(id, order with { Share = wanted, ForgetsShare = wanted is null });
                members = members.SetItem(id, member with { Share = wanted });
            }
        }

        return ReferenceEquals(orders, state.Orders) && ReferenceEquals(members, state.Members) ? state : state with { Members = members, Orders = orders };
    }

    private static ImmutableSortedDictionary<SimulationId, MemberOrder> With(ImmutableSortedDictionary<SimulationId, MemberOrder> orders, SimulationId simulation, MemberOrder order) =>
        order.IsEmpty ? orders.Remove(simulation) : orders.SetItem(simulation, order);

    private static IEnumerable<(SimulationId Id, ScenarioMember Member)> Members(ScenarioState state, string variant) =>
        state.Definition.Variants[variant].Where(state.Members.ContainsKey).Select(id => (id, state.Members[id]));
}
