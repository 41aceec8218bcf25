using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Clusters;

public static partial class ClusterMachine
{
    /// <summary>Whose work waits or runs under a name: of a simulation, a stage of one, or a campaign.</summary>
    public static ImmutableHashSet<Ownership> OwnersOf(ClusterState state, string target)
    {
        ArgumentNullException.ThrowIfNull(state);
        return
        [
            .. state.Queue.Values.Select(static queued => queued.Request).Concat(state.Leases.Values.Select(static lease => lease.Request))
                .Where(request => request.Attempt.Simulation.Value == target || request.Campaign == target || ClusterFold.StageOf(request.Attempt) == target)
                .Select(static request => request.Owner),
        ];
    }

    /// <summary>Where an attempt stands.</summary>
    public static LeaseStatus StatusOf(ClusterState state, AttemptId attempt)
    {
        ArgumentNullException.ThrowIfNull(state);
        var key = attempt.ToString();
        if (state.Queue.TryGetValue(key, out var queued))
        {
            return new()
            {
                Attempt = attempt,
                State = LeaseState.Queued,
                Since = queued.Since,
                Reason = queued.Reason,
                Ahead = queued.Reason is { Ahead: > 0 } reason ? reason.Ahead : ClusterPlanning.TurnsOf(state).IndexOf(queued.Request),
            };
        }

        return !state.Leases.TryGetValue(key, out var lease) ? new() { Attempt = attempt, State = LeaseState.Unknown }
            : lease.State == LeaseState.Unknown ? new() { Attempt = attempt, State = LeaseState.Unknown, MayRun = true }
            : StatusOf(state, lease);
    }

    /// <summary>Where all attempts of the queue stand, in the order in which they are considered.</summary>
    public static ImmutableArray<LeaseStatus> QueueOf(ClusterState state) =>
    [
        .. ClusterPlanning.Consider(state).Select(static (queued, ahead) => new LeaseStatus
        {
            Attempt = queued.Request.Attempt,
            State = LeaseState.Queued,
            Since = queued.Since,
            Reason = queued.Reason,
            Ahead = ahead,
            Owner = queued.Request.Owner,
            Priority = queued.Request.Priority,
        }),
    ];

    /// <summary>Where all attempts stand that hold nodes or lost them, by the time of their grant.</summary>
    public static ImmutableArray<LeaseStatus> LeasesOf(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return
        [
            .. state.Leases.Where(static pair => pair.Value.State != LeaseState.Unknown)
                .OrderBy(static pair => pair.Value.GrantedAt).ThenBy(static pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => StatusOf(state, pair.Value) with { Owner = pair.Value.Request.Owner }),
        ];
    }

    /// <summary>The leases that a node is to hold, in the order of their attempts.</summary>
    public static ImmutableArray<WantedLease> WantedOf(ClusterState state, NodeId node)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!state.Nodes.TryGetValue(node.Value, out var known))
        {
            return [];
        }

        return
        [
            .. known.Occupants.Order(StringComparer.Ordinal).Select(occupant => state.Leases[occupant]).Where(static lease => lease.State == LeaseState.Granted)
                .Select(lease => new WantedLease
                {
                    Attempt = lease.Request.Attempt,
                    Share = ClusterPlanning.ShareOf(lease, node),
                    IsLead = lease.Shares[0].Node == node,
                    Shares = lease.Shares,
                    Order = lease.Order,
                }),
        ];
    }

    private static LeaseStatus StatusOf(ClusterState state, ClusterLease lease)
    {
        var status = new LeaseStatus { Attempt = lease.Request.Attempt, State = lease.State, Since = lease.Since, Shares = lease.Shares };
        return lease.State == LeaseState.Lost
            ? status with { LostNode = lease.LostNode, SeenDead = lease.IsVacated, LastSeen = lease.LastSeen, Together = TogetherOf(state, lease) }
            : status with
            {
                Stop = lease.Stop,
                StopFor = lease.Stop is StopReason.Preemption or StopReason.Maintenance && lease.Preemption is { } preemption ? ClusterEvents.ForWhom(preemption) : "",
                Migrates = lease.Stop == StopReason.Preemption && lease.Preemption is { Trigger: PreemptionTrigger.Admin, Action: PreemptionAction.Migrate },
                AllocationEnd = lease.Shares.Select(share => state.Nodes.GetValueOrDefault(share.Node.Value)?.Inventory.AllocationEnd).Min(),
            };
    }

    private static string TogetherOf(ClusterState state, ClusterLease lease)
    {
        for (var i = state.Together.Length - 1; i >= 0; i--)
        {
            var loss = state.Together[i];
            if (lease.LostNode is { } node && loss.Nodes.Contains(node) && (lease.Since - loss.At).Duration() < TimeSpan.FromMinutes(5))
            {
                return loss.ToString();
            }
        }

        return "";
    }
}
