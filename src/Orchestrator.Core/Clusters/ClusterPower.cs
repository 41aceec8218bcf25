using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Core.Clusters;

/// <summary>The power of nodes, as far as it was ordered. What was never ordered is on.</summary>
internal static class ClusterPower
{
    public static void Switch(ClusterDraft draft, PowerOrder order)
    {
        // A node that has something, or has just been given it, is not switched off.
        if (!draft.State.Nodes.TryGetValue(order.Node.Value, out var node) || (node.Power?.On ?? true) == order.On || (!order.On && !node.Occupants.IsEmpty))
        {
            return;
        }

        var power = node.Inventory.Capabilities.Power;
        var takes = (order.On ? power?.SwitchOnTime : power?.SwitchOffTime) ?? TimeSpan.Zero;
        draft.Add(new ClusterFact.PowerOrdered { Order = order, DoneAt = draft.Now + takes });
    }

    /// <summary>On once its agent is heard again; until then it is being switched, or off.</summary>
    public static PowerState StateOf(ClusterNode node) => node.Power switch
    {
        null => PowerState.On,
        { On: true } => node.Inventory.Status == NodeStatus.Alive ? PowerState.On : PowerState.SwitchingOn,
        _ => node.Inventory.Status == NodeStatus.Alive ? PowerState.SwitchingOff : PowerState.Off,
    };
}
