using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orleans.Concurrency;

namespace Orchestrator.Abstractions.Clusters;

/// <summary>One cluster, by its id: its queue, leases and nodes. Kept in a ledger.</summary>
[Alias("orchestrator.cluster")]
public interface IClusterGrain : IGrainWithStringKey
{
    /// <summary>Puts an attempt into the queue. A repeat changes nothing and gets the present status; an older epoch than the stage's newest is refused as unknown.</summary>
    [Alias("request")]
    Task<LeaseStatus> RequestAsync(LeaseRequest request, CancellationToken cancellationToken = default);

    /// <summary>Takes the attempt out of the queue, or gives its nodes back. A repeat changes nothing.</summary>
    [Alias("release")]
    Task ReleaseAsync(AttemptId attempt, CancellationToken cancellationToken = default);

    /// <summary>Passes an order on to the nodes of a granted attempt. Answers the present status: unknown or lost when there is nobody to order.</summary>
    [Alias("order")]
    Task<LeaseStatus> OrderAsync(LeaseOrder order, CancellationToken cancellationToken = default);

    /// <summary>Where an attempt stands.</summary>
    [Alias("get-lease"), ReadOnly]
    Task<LeaseStatus> GetLeaseAsync(AttemptId attempt, CancellationToken cancellationToken = default);

    /// <summary>A node changed: pull it. Repeats and lost calls do no harm.</summary>
    [Alias("node-changed"), OneWay]
    Task NodeChangedAsync(NodeId node);

    /// <summary>Nodes, leases and queue.</summary>
    [Alias("get"), ReadOnly]
    Task<ClusterView> GetAsync(CancellationToken cancellationToken = default);
}
