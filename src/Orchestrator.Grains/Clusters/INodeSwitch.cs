using Orchestrator.Core.Ids;

namespace Orchestrator.Grains.Clusters;

/// <summary>Switches the power of nodes, as the site can. Without one no node is ever switched, whatever the policy says.</summary>
public interface INodeSwitch
{
    /// <summary>Has a node switched; a repeat must do no harm. It is tried again when it throws.</summary>
    Task SwitchAsync(NodeId node, bool on, CancellationToken cancellationToken);
}
