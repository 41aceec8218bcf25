using Microsoft.Extensions.Logging;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Grains.Clusters;

internal static partial class ClusterGrainLog
{
    [LoggerMessage(1300, LogLevel.Information, "{Cluster}: {Attempt} was queued.")]
    private static partial void Queued(ILogger logger, string cluster, AttemptId attempt);

    [LoggerMessage(1301, LogLevel.Information, "{Cluster}: {Attempt} left the queue.")]
    private static partial void Withdrawn(ILogger logger, string cluster, AttemptId attempt);

    [LoggerMessage(1302, LogLevel.Information, "{Cluster}: {Attempt} was granted {Nodes}.")]
    private static partial void Granted(ILogger logger, string cluster, AttemptId attempt, string nodes);

    [LoggerMessage(1303, LogLevel.Information, "{Cluster}: {Attempt} lost {Node}, last seen at {LastSeen}.")]
    private static partial void Lost(ILogger logger, string cluster, AttemptId attempt, NodeId node, DateTimeOffset? lastSeen);

    [LoggerMessage(1304, LogLevel.Information, "{Cluster}: {Attempt} was released.")]
    private static partial void Released(ILogger logger, string cluster, AttemptId attempt);

    [LoggerMessage(1305, LogLevel.Information, "{Cluster}: {Node} is {Status}, drain {Drain}.")]
    private static partial void NodeChanged(ILogger logger, string cluster, NodeId node, NodeStatus status, NodeVerb drain);

    [LoggerMessage(1306, LogLevel.Warning, "{Cluster}: so many nodes are silent that the silo may be cut off; no lease is given up for now.")]
    private static partial void LossesHeld(ILogger logger, string cluster);

    [LoggerMessage(1307, LogLevel.Information, "{Cluster}: losses are no longer held back.")]
    private static partial void LossesTaken(ILogger logger, string cluster);

    [LoggerMessage(1308, LogLevel.Debug, "{Cluster}: {Fact}.")]
    private static partial void Stored(ILogger logger, string cluster, ClusterFact fact);

    public static void Fact(ILogger logger, string cluster, ClusterFact fact)
    {
        switch (fact)
        {
            case ClusterFact.Requested requested:
                Queued(logger, cluster, requested.Request.Attempt);
                break;
            case ClusterFact.Withdrawn withdrawn:
                Withdrawn(logger, cluster, withdrawn.Attempt);
                break;
            case ClusterFact.Granted granted when logger.IsEnabled(LogLevel.Information):
                Granted(logger, cluster, granted.Attempt, string.Join(", ", granted.Shares.Select(static share => share.Node)));
                break;
            case ClusterFact.Lost lost:
                Lost(logger, cluster, lost.Attempt, lost.Node, lost.LastSeen);
                break;
            case ClusterFact.Released released:
                Released(logger, cluster, released.Attempt);
                break;
            case ClusterFact.NodeChanged changed:
                NodeChanged(logger, cluster, changed.Inventory.Id, changed.Inventory.Status, changed.Inventory.Drain);
                break;
            case ClusterFact.LossesHeld { Since: null }:
                LossesTaken(logger, cluster);
                break;
            case ClusterFact.LossesHeld:
                LossesHeld(logger, cluster);
                break;
            default:
                Stored(logger, cluster, fact);
                break;
        }
    }
}
