using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Core.Clusters;

/// <summary>What happens to a cluster.</summary>
public abstract record ClusterInput
{
    private ClusterInput()
    {
    }

    /// <summary>A simulation wants nodes for an attempt.</summary>
    public sealed record Requested(LeaseRequest Request) : ClusterInput;

    /// <summary>A simulation wants them no more.</summary>
    public sealed record Released(AttemptId Attempt) : ClusterInput;

    /// <summary>A simulation asks something of a granted attempt.</summary>
    public sealed record Ordered(LeaseOrder Order) : ClusterInput;

    /// <summary>A node was pulled.</summary>
    public sealed record Observed(NodeObservation Node) : ClusterInput;

    /// <summary>All nodes were pulled at once, so that it can be told whether one is lost or all are out of sight.</summary>
    public sealed record Surveyed(ImmutableArray<NodeObservation> Nodes) : ClusterInput;

    /// <summary>A plan was made on the state of a version.</summary>
    public sealed record Planned(SchedulingPlan Plan, long Version) : ClusterInput;

    /// <summary>Time passed: forget what is long over.</summary>
    public sealed record Tidied : ClusterInput;
}
