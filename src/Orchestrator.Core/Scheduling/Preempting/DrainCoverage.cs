using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Scheduling.Preempting;

/// <summary>Which windows and reservations are on which nodes.</summary>
internal sealed class DrainCoverage
{
    private readonly List<MaintenanceWindow> everywhere;
    private readonly Dictionary<NodeId, List<MaintenanceWindow>> windows = [];
    private readonly Dictionary<NodeId, List<Reservation>> reservations = [];
    private static readonly IReadOnlyCollection<Reservation> None = [];

    public DrainCoverage(List<MaintenanceWindow> windows, List<Reservation> reservations)
    {
        everywhere = windows.FindAll(static window => window.Nodes.IsEmpty);
        foreach (var window in windows)
        {
            foreach (var node in window.Nodes)
            {
                Add(this.windows, node, window);
            }
        }

        foreach (var reservation in reservations)
        {
            foreach (var share in reservation.Allocations)
            {
                Add(this.reservations, share.Node, reservation);
            }
        }
    }

    /// <summary>Nothing is arranged.</summary>
    public bool IsEmpty => everywhere.Count + windows.Count + reservations.Count == 0;

    public IEnumerable<MaintenanceWindow> Windows(RunningLease lease) =>
        lease.Shares.IsEmpty ? [] : Of(windows, lease) is not { } here ? everywhere : everywhere.Count == 0 ? here : everywhere.Concat(here);

    public IReadOnlyCollection<Reservation> Reservations(RunningLease lease) => Of(reservations, lease) ?? None;

    /// <summary>Each once, whatever its nodes; null: none. Work on one node needs no set of its own.</summary>
    private static IReadOnlyCollection<T>? Of<T>(Dictionary<NodeId, List<T>> byNode, RunningLease lease) where T : class
    {
        if (byNode.Count == 0)
        {
            return null;
        }

        List<T>? first = null;
        HashSet<T>? found = null;
        foreach (var share in lease.Shares)
        {
            if (!byNode.TryGetValue(share.Node, out var here))
            {
                continue;
            }

            if (first is null && lease.Shares.Length == 1)
            {
                first = here;
            }
            else
            {
                (found ??= new(ReferenceEqualityComparer.Instance)).UnionWith(here);
            }
        }

        return found ?? (IReadOnlyCollection<T>?)first;
    }

    private static void Add<T>(Dictionary<NodeId, List<T>> byNode, NodeId node, T item)
    {
        if (!byNode.TryGetValue(node, out var list))
        {
            byNode.Add(node, list = []);
        }

        list.Add(item);
    }
}
