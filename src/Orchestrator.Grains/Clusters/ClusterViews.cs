using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Matching;
using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Grains.Clusters;

/// <summary>Between what a cluster holds and what others see.</summary>
internal static class ClusterViews
{
    public static ClusterView Of(ClusterId id, ClusterState state, IReadOnlyDictionary<AttemptId, WaitingTurn> reasons) => new()
    {
        Id = id,
        Version = state.Version,
        Nodes = [.. state.Nodes.Values.OrderBy(static node => node.Inventory.Id).Select(node => Of(state, node))],
        Leases = ClusterMachine.LeasesOf(state),
        Queue = [.. ClusterMachine.QueueOf(state).Select(status => Of(status, reasons))],
    };

    /// <summary>With what the newest plan said of it, which is newer than what is stored.</summary>
    public static LeaseStatus Of(LeaseStatus status, IReadOnlyDictionary<AttemptId, WaitingTurn> reasons) =>
        status.State == LeaseState.Queued && reasons.TryGetValue(status.Attempt, out var waits)
            ? status with { Reason = waits.Reason, Ahead = waits.Ahead > 0 ? waits.Ahead : status.Ahead }
            : status;

    public static ArrangementsView Of(ClusterState state, SchedulingSettings settings, DateTimeOffset now) => new()
    {
        Windows = [.. state.Windows.Values.OrderBy(static window => window.Start).ThenBy(static window => window.Id, StringComparer.Ordinal).Select(window => new WindowView
        {
            Window = window,
            Blockers = ClusterArrangements.BlockersOf(state, window, settings, now),
        })],
        Reservations = [.. state.Reservations.Values.OrderBy(static reservation => reservation.Start).ThenBy(static reservation => reservation.Id, StringComparer.Ordinal)],
        Conflicts = [.. state.Conflicts.Values.OrderByDescending(static conflict => conflict.DetectedAt).ThenBy(static conflict => conflict.Id, StringComparer.Ordinal)],
        Priorities = [.. state.Priorities.Values.OrderBy(static priority => priority.Target, StringComparer.Ordinal)],
        Deadlines = [.. state.Deadlines.Values.OrderBy(static deadline => deadline.Simulation)],
        Licences = state.Licences,
        Energy = state.Energy,
        Policy = state.Policy,
        Hook = state.Hook,
        Scenarios = ClusterScenarios.Received(state, now),
        Speeds = EfficiencyReport.Of(state.Nodes.Values.Select(ClusterPlanning.Schedulable), state.Speeds).Kinds,
    };

    /// <summary>Nothing of an account is arranged otherwise than before; what it used is no difference.</summary>
    public static bool IsLike(AccountStanding one, AccountStanding other) =>
        one.Shares == other.Shares && one.Guaranteed == other.Guaranteed && one.Maximum == other.Maximum && one.LendLimit == other.LendLimit && one.MayBorrow == other.MayBorrow
        && one.RunningMax == other.RunningMax && one.Users.SequenceEqual(other.Users) && one.BudgetLeft.Keys.SequenceEqual(other.BudgetLeft.Keys)
        && one.UserBudgetLeft.Keys.SequenceEqual(other.UserBudgetLeft.Keys);

    /// <summary>A node that went over to another cluster is gone from this one.</summary>
    public static NodeObservation Observe(NodeView view, string cluster) => new()
    {
        Inventory = new()
        {
            Id = view.Id,
            Version = view.Version,
            Status = view.Cluster.Value == cluster ? view.Status : NodeStatus.SeenDead,
            Drain = view.Drain,
            Capabilities = view.Capabilities,
            User = view.User,
            AllocationEnd = view.AllocationEnd,
            BootId = view.BootId,
            LastSeen = view.LastSeen,
            Condition = view.Condition,
            ConditionReason = view.Condition == NodeCondition.Sound ? null : view.ConditionReason,
        },
        Running = view.Running,
        WantedVersionDone = view.WantedVersionDone,
        Wanted = [.. view.Wanted.Select(static lease => lease.Attempt)],
    };

    private static ClusterNodeView Of(ClusterState state, ClusterNode node)
    {
        var shares = node.Occupants.Select(occupant => state.Leases[occupant].Shares.First(share => share.Node == node.Inventory.Id)).ToList();
        return new()
        {
            Id = node.Inventory.Id,
            Status = node.Inventory.Status,
            Draining = node.Inventory.Drain != NodeVerb.Absent,
            Cores = node.Inventory.Capabilities.Cores,
            CoresLeased = shares.Sum(static share => share.Cores.Length),
            Memory = node.Inventory.Capabilities.Memory,
            MemoryLeased = shares.Sum(static share => share.Memory),
            Gpus = node.Inventory.Capabilities.Gpus.Length,
            GpusLeased = shares.Sum(static share => share.Gpus.Length),
            User = node.Inventory.User,
            AllocationEnd = node.Inventory.AllocationEnd,
            Kind = NodeKinds.NameOf(node.Inventory.Capabilities),
            Reliability = node.Reliability.Score,
            Failures = node.Reliability.Failures,
        };
    }
}
