using System.Collections.Immutable;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Clusters;

/// <summary>
/// Tells whether nodes are lost or the silo is cut off from them. While more than half of the nodes that were alive, and at least three, fell silent within one detection
/// window of each other, it looks like the silo's own network; losses are held back, unless that lasts for two windows more: then somebody must go on. Nodes that have a
/// rack or a switch in common, while others are heard, are lost with that, and nothing is held back.
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
        var (silent, heard) = Look(state, seen, policy, now);
        return silent.Count >= policy.CutOffNodes && silent.Count > heard.Count && LossCorrelation.Find(silent, heard) is null;
    }

    /// <summary>What nodes that fell silent together have in common; null: nothing, or they are all that there is.</summary>
    public static CommonPart? CommonPart(ClusterState state, ImmutableArray<NodeObservation> seen, ClusterPolicy policy, DateTimeOffset now)
    {
        var (silent, heard) = Look(state, seen, policy, now);
        return LossCorrelation.Find(silent, heard);
    }

    /// <summary>The nodes that fell silent within one window of each other, and all others that count.</summary>
    private static (List<(NodeId Node, ImmutableArray<string> Topology)> Silent, List<(NodeId Node, ImmutableArray<string> Topology)> Heard) Look(
        ClusterState state, ImmutableArray<NodeObservation> seen, ClusterPolicy policy, DateTimeOffset now)
    {
        var lastSeen = seen.ToDictionary(static node => node.Inventory.Id, static node => node.Inventory.LastSeen);
        var first = state.Nodes.Values.Where(node => IsPending(state, node)).Select(static node => node.Inventory.LastSeen).Min() ?? now;
        var silent = new List<(ClusterNode Node, DateTimeOffset? Last)>();
        var heard = new List<(NodeId Node, ImmutableArray<string> Topology)>();
        foreach (var node in state.Nodes.Values)
        {
            var last = lastSeen.TryGetValue(node.Inventory.Id, out var fresh) ? fresh : node.Inventory.LastSeen;
            var isGone = node.Inventory.Status is NodeStatus.Lost;
            if (node.Inventory.Status == NodeStatus.SeenDead || isGone && last < first - policy.DetectionWindow)
            {
                continue;
            }

            if (isGone || node.Inventory.Status == NodeStatus.NotSeen || now - last > policy.Silence)
            {
                silent.Add((node, last));
            }
            else
            {
                heard.Add(Named(node));
            }
        }

        var newest = silent.Select(static node => node.Last).Max();
        var together = silent.Where(node => node.Last is null || newest - node.Last <= policy.DetectionWindow).Select(static node => Named(node.Node)).ToList();
        heard.AddRange(silent.Where(node => newest - node.Last > policy.DetectionWindow).Select(static node => Named(node.Node)));
        return (together, heard);
    }

    private static (NodeId Node, ImmutableArray<string> Topology) Named(ClusterNode node) => (node.Inventory.Id, node.Inventory.Capabilities.Topology);
}
