using Microsoft.Extensions.Logging;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Grains.Nodes;

internal static partial class NodeGrainLog
{
    [LoggerMessage(1100, LogLevel.Information, "{Node} went from {Before} to {After}.")]
    public static partial void StatusChanged(ILogger logger, string node, NodeStatus before, NodeStatus after);

    [LoggerMessage(1101, LogLevel.Information, "{Node}: an agent (instance {Instance}) was refused: {Reason}")]
    public static partial void AgentRefused(ILogger logger, string node, string instance, string reason);

    [LoggerMessage(1102, LogLevel.Information, "{Node}: the agent is instance {Instance} of user {User}.")]
    public static partial void AgentAccepted(ILogger logger, string node, string instance, string user);

    [LoggerMessage(1103, LogLevel.Information, "{Node} is to hold {Leases} leases as of version {Version}.")]
    public static partial void WantedChanged(ILogger logger, string node, int leases, long version);

    [LoggerMessage(1104, LogLevel.Warning, "{Node}: the silo stood still for {Late} beyond the time to look; the node is watched for a whole window again.")]
    public static partial void WatchInterrupted(ILogger logger, string node, TimeSpan late);

    [LoggerMessage(1105, LogLevel.Warning, "{Node} could not be stored; the grain starts again from what is stored.")]
    public static partial void WriteFailed(ILogger logger, string node, Exception error);

    [LoggerMessage(1107, LogLevel.Information, "{Node} went from {Before} to {After}: {Reason}.")]
    public static partial void ConditionChanged(ILogger logger, string node, NodeCondition before, NodeCondition after, string? reason);

    [LoggerMessage(1106, LogLevel.Information, "{Node} went from drain {Before} to {After}: {Reason}.")]
    public static partial void DrainChanged(ILogger logger, string node, NodeVerb before, NodeVerb after, string? reason);
}
