using System.Collections.Immutable;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Nodes;

/// <summary>What a node owes the world.</summary>
public abstract record NodeEffect
{
    private NodeEffect()
    {
    }

    /// <summary>To put events into the log, and to let the cluster know.</summary>
    public sealed record Publish(ClusterId Cluster, ImmutableArray<OrchestratorEvent> Events) : NodeEffect;

    /// <summary>To nudge the cluster, which then pulls the node.</summary>
    public sealed record Tell(ClusterId Cluster, NodeId Node, long Change) : NodeEffect;
}
