using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Clusters;

/// <summary>What a cluster owes the world. Each carries the ticket or version for which it is done.</summary>
public abstract record ClusterEffect
{
    private ClusterEffect()
    {
    }

    /// <summary>To tell a node what to hold.</summary>
    public sealed record SetWanted(NodeId Node, long Version, ClusterState State) : ClusterEffect
    {
        /// <summary>Made when they are asked for: of thousands that are owed, some are sent at once.</summary>
        public ImmutableArray<WantedLease> Leases => ClusterMachine.WantedOf(State, Node);
    }

    /// <summary>To pull a node.</summary>
    public sealed record Pull(NodeId Node, long Ticket) : ClusterEffect;

    /// <summary>To pull all nodes that count, at once.</summary>
    public sealed record Survey(ClusterState State, long Ticket) : ClusterEffect
    {
        public ImmutableArray<NodeId> Nodes => [.. State.Nodes.Values.Select(static node => node.Inventory.Id).Order()];
    }

    /// <summary>To nudge a simulation, which then asks for its leases.</summary>
    public sealed record Nudge(SimulationId Simulation, long Ticket) : ClusterEffect;

    /// <summary>To send an order to an account.</summary>
    public sealed record Exchange(AccountId Account, EscrowOrder Order) : ClusterEffect;

    /// <summary>To switch a node.</summary>
    public sealed record Switch(NodeId Node, bool On, long Ticket) : ClusterEffect;

    /// <summary>To put events into the log, in their order.</summary>
    public sealed record Publish(ImmutableArray<OrchestratorEvent> Events) : ClusterEffect;

    /// <summary>To plan on this state.</summary>
    public sealed record Plan(ClusterState State) : ClusterEffect;
}
