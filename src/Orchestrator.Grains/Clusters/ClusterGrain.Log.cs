using Microsoft.Extensions.Logging;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;

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

    [LoggerMessage(1309, LogLevel.Warning, "{Cluster}: {Node} could not be read; the others are looked at without it.")]
    public static partial void NodeNotRead(ILogger logger, string cluster, NodeId node, Exception error);

    [LoggerMessage(1310, LogLevel.Information, "{Cluster}: {Attempt} makes way ({Trigger}) for {For} by {StopBy}, at a cost of {Cost}.")]
    private static partial void Preempted(ILogger logger, string cluster, AttemptId attempt, PreemptionTrigger trigger, string @for, DateTimeOffset stopBy, TimeSpan cost);

    [LoggerMessage(1311, LogLevel.Information, "{Cluster}: {Attempt} is moved ({Trigger}) for {For} by {StopBy}, at a cost of {Cost}.")]
    private static partial void Relocated(ILogger logger, string cluster, AttemptId attempt, PreemptionTrigger trigger, string @for, DateTimeOffset stopBy, TimeSpan cost);

    [LoggerMessage(1312, LogLevel.Information, "{Cluster}: the window {Window} is {Status}.")]
    private static partial void WindowSet(ILogger logger, string cluster, string window, WindowStatus status);

    [LoggerMessage(1313, LogLevel.Information, "{Cluster}: the reservation {Reservation} is {State}.")]
    private static partial void ReservationSet(ILogger logger, string cluster, string reservation, ReservationState state);

    [LoggerMessage(1314, LogLevel.Warning, "{Cluster}: the account {Account} could not be read; what was known of it before holds.")]
    public static partial void AccountNotRead(ILogger logger, string cluster, string account, Exception error);

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
            case ClusterFact.Preempted { Preemption: var made }:
                Preempted(logger, cluster, made.Victim, made.Trigger, made.For, made.StopBy, made.Cost);
                break;
            case ClusterFact.Relocated { Preemption: var made }:
                Relocated(logger, cluster, made.Victim, made.Trigger, made.For, made.StopBy, made.Cost);
                break;
            case ClusterFact.WindowSet { Window: var window }:
                WindowSet(logger, cluster, window.Id, window.Status);
                break;
            case ClusterFact.ReservationSet { Reservation: var reservation }:
                ReservationSet(logger, cluster, reservation.Id, reservation.State);
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
