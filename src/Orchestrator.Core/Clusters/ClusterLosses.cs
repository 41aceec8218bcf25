using System.Collections.Immutable;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Clusters;

/// <summary>
/// Tells whether nodes are lost or the silo is cut off from them. While more than half of the nodes that were alive, and at least three, fell silent within one detection
/// window of each other, it looks like the silo's own network; losses are held back, unless that lasts for two windows more: then somebody must go on.
/// </summary>
internal static class ClusterLosses
{
    /// <summary>Leases that a lost node holds up.</summary>
    public static bool IsAnyPending(ClusterState state) => state.Nodes.Values.Any(node => IsPending(state, node));

    public static bool IsPending(ClusterState state, ClusterNode node) =>
        node.Inventory.Status == NodeStatus.Lost && node.Occupants.Any(occupant => state.Leases[occupant].State == LeaseState.Granted);

    /// <summary>So few nodes that their silence says nothing about the silo.</summary>
    public static bool IsTooSmall(ClusterState state, ClusterPolicy policy)
    {
        // It looks no further than it must: a cluster of thousands has enough after a few.
        var counted = 0;
        foreach (var node in state.Nodes.Values)
        {
            if (node.Inventory.Status != NodeStatus.SeenDead && ++counted >= policy.CutOffNodes)
            {
                return false;
            }
        }

        return true;
    }

    public static bool IsCutOff(ClusterState state, ImmutableArray<NodeObservation> seen, ClusterPolicy policy, DateTimeOffset now)
    {
        var lastSeen = seen.ToDictionary(static node => node.Inventory.Id, static node => node.Inventory.LastSeen);
        var lost = state.Nodes.Values.Where(node => IsPending(state, node)).Select(static node => node.Inventory.LastSeen).ToList();
        var first = lost.Min() ?? now;
        var counted = 0;
        var silent = new List<DateTimeOffset?>();
        foreach (var node in state.Nodes.Values)
        {
            var last = lastSeen.TryGetValue(node.Inventory.Id, out var fresh) ? fresh : node.Inventory.LastSeen;
            var isGone = node.Inventory.Status is NodeStatus.Lost;
            if (node.Inventory.Status == NodeStatus.SeenDead || isGone && last < first - policy.DetectionWindow)
            {
                continue;
            }

            counted++;
            if (isGone || node.Inventory.Status == NodeStatus.NotSeen || now - last > policy.Silence)
            {
                silent.Add(last);
            }
        }

        var newest = silent.Max();
        var together = silent.Count(last => last is null || newest - last <= policy.DetectionWindow);
        return together >= policy.CutOffNodes && 2 * together > counted;
    }
}
