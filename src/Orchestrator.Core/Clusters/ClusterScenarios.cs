using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Core.Clusters;

/// <summary>What scenarios with shares got of the cluster, counted from its ledger: a start with what is expected of it, an end with what it was.</summary>
public static class ClusterScenarios
{
    private static readonly TimeSpan Unknown = TimeSpan.FromDays(1);

    /// <summary>The share of the scenario that a simulation belongs to; null: no steering rules it by shares.</summary>
    internal static ScenarioShare? ShareOf(ClusterState state, SimulationId simulation) =>
        !state.Scenarios.IsEmpty && state.Priorities.TryGetValue(simulation.Value, out var setting) ? setting.Share : null;

    /// <summary>
    /// After one simulation was told its share: that of its scenario from now on. Where it is another, what the scenarios of the set get is counted anew. What it had been told before, and others no more, is
    /// told again with whatever people set of it: that says nothing.
    /// </summary>
    internal static ClusterState Told(ClusterState state, ScenarioShare? before, ScenarioShare? share, DateTimeOffset at)
    {
        if (share is null || share == before)
        {
            return state;
        }

        var set = state.Scenarios.GetValueOrDefault(share.Set.Value) ?? new();
        var known = set.Scenarios.GetValueOrDefault(share.Scenario);
        return known?.Share == share.Share
            ? state
            : With(state, share, set with { From = at }, new() { Share = share.Share, From = at, Pass = Math.Max(known?.Pass ?? 0, set.Virtual), Charged = known?.Charged ?? 0 });
    }

    /// <summary>After an attempt asked for nodes: a scenario of which nothing waited or ran goes on from where the others are. One that only could not start what waits keeps what it is behind.</summary>
    internal static ClusterState Requested(ClusterState state, SimulationId simulation)
    {
        if (ShareOf(state, simulation) is not { } share || Find(state, share) is not { } found || found.Use.Pass >= found.Set.Virtual || IsBusy(state, share))
        {
            return state;
        }

        return With(state, share, found.Set, found.Use with { Pass = found.Set.Virtual });
    }

    /// <summary>After an attempt got its nodes: what it is expected to use counts at once.</summary>
    internal static ClusterState Granted(ClusterState state, ClusterLease lease)
    {
        if (ShareOf(state, lease.Request.Attempt.Simulation) is not { } share || Find(state, share) is not { } found)
        {
            return state;
        }

        var part = Part(found.Use);
        var charge = Expected(lease) / part;
        var set = found.Set with { Virtual = Math.Max(found.Set.Virtual, found.Use.Pass - found.Use.Charged) };
        var after = With(state, share, set, found.Use with { Pass = found.Use.Pass + charge, Charged = found.Use.Charged + charge });
        return after with { Leases = after.Leases.SetItem(lease.Request.Attempt.ToString(), lease with { ScenarioCharge = charge, ScenarioShare = part }) };
    }

    /// <summary>The same where it is only played: what would have started counts for its scenario as long as it is expected to run.</summary>
    internal static ImmutableSortedDictionary<string, ScenarioSetUse> Started(
        ImmutableSortedDictionary<string, ScenarioSetUse> scenarios, ScenarioShare? share, Placement placement, TimeSpan expected)
    {
        if (share is null || !scenarios.TryGetValue(share.Set.Value, out var set) || !set.Scenarios.TryGetValue(share.Scenario, out var use))
        {
            return scenarios;
        }

        var charge = placement.Shares.Sum(static one => (long)one.Cores.Length) * expected.TotalSeconds / Part(use);
        return scenarios.SetItem(share.Set.Value, set with { Scenarios = set.Scenarios.SetItem(share.Scenario, use with { Pass = use.Pass + charge }) });
    }

    /// <summary>After a lease was over, as it was before: what it used counts in place of what was expected.</summary>
    internal static ClusterState Ended(ClusterState state, ClusterLease before, DateTimeOffset at)
    {
        if (before.State != LeaseState.Granted || ShareOf(state, before.Request.Attempt.Simulation) is not { } share || Find(state, share) is not { } found)
        {
            return state;
        }

        var cores = Cores(before);
        var since = CoreSecondsSince(before, cores, found.Set.From, at);
        var counted = before.ScenarioShare > 0 ? cores * (at - before.GrantedAt).TotalSeconds / before.ScenarioShare : since / Part(found.Use);
        return With(state, share, found.Set, found.Use with
        {
            CoreSeconds = found.Use.CoreSeconds + since,
            Pass = Math.Max(0, found.Use.Pass + counted - before.ScenarioCharge),
            Charged = Math.Max(0, found.Use.Charged - before.ScenarioCharge),
        });
    }

    /// <summary>Without the sets of which nothing is known any more.</summary>
    internal static ClusterState Forgotten(ClusterState state)
    {
        if (state.Scenarios.IsEmpty)
        {
            return state;
        }

        var told = state.Priorities.Values.Select(static setting => setting.Share?.Set.Value).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var over = state.Scenarios.Keys.Where(set => !told.Contains(set)).ToList();
        return over.Count == 0 ? state : state with { Scenarios = state.Scenarios.RemoveRange(over) };
    }

    /// <summary>What each scenario asked for and got since a share of its set changed last, with what runs, by set and name.</summary>
    public static ImmutableArray<ScenarioReceived> Received(ClusterState state, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Scenarios.IsEmpty)
        {
            return [];
        }

        var running = new Dictionary<(ScenarioId Set, string Scenario), (long Cores, double CoreSeconds)>();
        foreach (var lease in state.Leases.Values.Where(static lease => lease.State == LeaseState.Granted))
        {
            if (ShareOf(state, lease.Request.Attempt.Simulation) is { } share && Find(state, share) is { } found)
            {
                var cores = Cores(lease);
                var sum = running.GetValueOrDefault((share.Set, share.Scenario));
                running[(share.Set, share.Scenario)] = (sum.Cores + cores, sum.CoreSeconds + CoreSecondsSince(lease, cores, found.Set.From, now));
            }
        }

        return
        [
            .. from set in state.Scenarios
               let id = new ScenarioId(set.Key)
               let total = set.Value.Scenarios.Sum(one => Counted(set.Value, one.Value).CoreSeconds + running.GetValueOrDefault((id, one.Key)).CoreSeconds)
               from use in set.Value.Scenarios
               let held = running.GetValueOrDefault((id, use.Key))
               let used = Counted(set.Value, use.Value).CoreSeconds + held.CoreSeconds
               select new ScenarioReceived
               {
                   Set = id,
                   Scenario = use.Key,
                   Asked = use.Value.Share,
                   From = set.Value.From,
                   CoreHours = used / 3600,
                   Received = total > 0 ? used / total : 0,
                   Cores = held.Cores,
               },
        ];
    }

    /// <summary>Something of the scenario waits or runs. It looks through all that there is, and only for a scenario that is behind.</summary>
    private static bool IsBusy(ClusterState state, ScenarioShare scenario)
    {
        foreach (var queued in state.Queue.Values)
        {
            if (IsOf(queued.Request))
            {
                return true;
            }
        }

        foreach (var lease in state.Leases.Values)
        {
            if (lease.State == LeaseState.Granted && IsOf(lease.Request))
            {
                return true;
            }
        }

        return false;

        bool IsOf(LeaseRequest request) => ShareOf(state, request.Attempt.Simulation) is { } share && share.Set == scenario.Set && share.Scenario == scenario.Scenario;
    }

    private static (ScenarioSetUse Set, ScenarioUse Use)? Find(ClusterState state, ScenarioShare share) =>
        state.Scenarios.TryGetValue(share.Set.Value, out var set) && set.Scenarios.TryGetValue(share.Scenario, out var use) ? (set, Counted(set, use)) : null;

    /// <summary>What was counted before the shares were as they are counts no more.</summary>
    private static ScenarioUse Counted(ScenarioSetUse set, ScenarioUse use) => use.From >= set.From ? use : use with { From = set.From, CoreSeconds = 0 };

    private static ClusterState With(ClusterState state, ScenarioShare share, ScenarioSetUse set, ScenarioUse use) =>
        state with { Scenarios = state.Scenarios.SetItem(share.Set.Value, set with { Scenarios = set.Scenarios.SetItem(share.Scenario, use) }) };

    private static double Part(ScenarioUse use) => Math.Max(ScenarioShare.Least, use.Share);

    private static double Expected(ClusterLease lease) =>
        Cores(lease) * (lease.Request.DurationExpected ?? lease.DurationExpected ?? lease.Request.DurationEstimate ?? Unknown).TotalSeconds;

    private static long Cores(ClusterLease lease) => lease.Shares.Sum(static share => (long)share.Cores.Length);

    private static double CoreSecondsSince(ClusterLease lease, long cores, DateTimeOffset from, DateTimeOffset at) =>
        cores * Math.Max(0, (at - (lease.GrantedAt > from ? lease.GrantedAt : from)).TotalSeconds);
}
