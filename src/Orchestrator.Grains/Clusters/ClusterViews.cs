using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Grains.Clusters;

/// <summary>Between what a cluster holds and what others see.</summary>
internal static class ClusterViews
{
    public static ClusterView Of(ClusterId id, ClusterState state) => new()
    {
        Id = id,
        Version = state.Version,
        Nodes = [.. state.Nodes.Values.OrderBy(static node => node.Inventory.Id).Select(node => Of(state, node))],
        Leases = ClusterMachine.LeasesOf(state),
        Queue = ClusterMachine.QueueOf(state),
    };

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
        };
    }
}
