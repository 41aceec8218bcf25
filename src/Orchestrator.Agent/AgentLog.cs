using Microsoft.Extensions.Logging;
using Orchestrator.Core.Ids;

namespace Orchestrator.Agent;

/// <summary>Everything that an agent logs; ids from 1400.</summary>
internal static partial class AgentLog
{
    [LoggerMessage(1400, LogLevel.Information, "Agent of {Node} started: {Cores} cores, {Memory} bytes, {Gpus} GPUs; {Adopted} attempts found from before.")]
    public static partial void Started(this ILogger logger, NodeId node, int cores, long memory, int gpus, int adopted);

    [LoggerMessage(1401, LogLevel.Information, "Agent of {Node} is registered.")]
    public static partial void Registered(this ILogger logger, NodeId node);

    [LoggerMessage(1402, LogLevel.Warning, "The gateway does not take {Node}: {Reason} Trying again.")]
    public static partial void NotAccepted(this ILogger logger, NodeId node, string reason);

    [LoggerMessage(1403, LogLevel.Warning, "The gateway did not answer ({Call}): {Reason} Programs go on, and reports wait.")]
    public static partial void GatewayAway(this ILogger logger, string call, string reason);

    [LoggerMessage(1404, LogLevel.Information, "The gateway answers again.")]
    public static partial void GatewayBack(this ILogger logger);

    [LoggerMessage(1405, LogLevel.Information, "Agent of {Node} ended; programs that run go on: {Running}.")]
    public static partial void Ended(this ILogger logger, NodeId node, int running);

    [LoggerMessage(1406, LogLevel.Error, "A part of the agent failed ({Part}) and starts again.")]
    public static partial void PartFailed(this ILogger logger, string part, Exception failure);

    [LoggerMessage(1410, LogLevel.Information, "{Attempt} was started as process {ProcessId}, restored from {Restored}.")]
    public static partial void AttemptStarted(this ILogger logger, AttemptId attempt, int processId, string restored);

    [LoggerMessage(1411, LogLevel.Information, "{Attempt} was adopted: process {ProcessId}, alive {Alive}.")]
    public static partial void AttemptAdopted(this ILogger logger, AttemptId attempt, int processId, bool alive);

    [LoggerMessage(1412, LogLevel.Warning, "{Attempt} was not started: {Reason}")]
    public static partial void LaunchRefused(this ILogger logger, AttemptId attempt, string reason);

    [LoggerMessage(1413, LogLevel.Information, "{Attempt} exited with {Status}, signal {Signal}, after having been asked to leave: {Asked}.")]
    public static partial void AttemptExited(this ILogger logger, AttemptId attempt, int? status, int? signal, bool asked);

    [LoggerMessage(1414, LogLevel.Information, "{Attempt} was asked to leave by {By} ({Reason}).")]
    public static partial void AskedToLeave(this ILogger logger, AttemptId attempt, DateTimeOffset by, string reason);

    [LoggerMessage(1415, LogLevel.Information, "{Attempt} did not leave in time and was killed.")]
    public static partial void KilledLate(this ILogger logger, AttemptId attempt);

    [LoggerMessage(1416, LogLevel.Information, "{Attempt} has no lease any more; nothing of it runs on this node.")]
    public static partial void Forgotten(this ILogger logger, AttemptId attempt);

    [LoggerMessage(1417, LogLevel.Information, "{Attempt} published {Count} files.")]
    public static partial void Published(this ILogger logger, AttemptId attempt, int count);

    [LoggerMessage(1418, LogLevel.Warning, "{Attempt} could not publish its outputs; trying again.")]
    public static partial void PublishFailed(this ILogger logger, AttemptId attempt, Exception failure);

    [LoggerMessage(1419, LogLevel.Information, "Checkpoint {Checkpoint} of {Attempt} is in place: {Bytes} bytes.")]
    public static partial void CheckpointSealed(this ILogger logger, string checkpoint, AttemptId attempt, long bytes);

    [LoggerMessage(1420, LogLevel.Warning, "Checkpoint {Checkpoint} of {Attempt} could not be read: {Reason}")]
    public static partial void CheckpointUnreadable(this ILogger logger, string checkpoint, AttemptId attempt, string reason);

    [LoggerMessage(1433, LogLevel.Warning, "Checkpoint {Checkpoint} of {Attempt} stays in place, since the store does not take it: {Reason}")]
    public static partial void CheckpointStaysInPlace(this ILogger logger, string checkpoint, AttemptId attempt, string reason);

    [LoggerMessage(1434, LogLevel.Error, "Checkpoint {Checkpoint} of {Attempt} met something unexpected and is passed over; the next one is made.")]
    public static partial void CheckpointFailed(this ILogger logger, string checkpoint, AttemptId attempt, Exception failure);

    [LoggerMessage(1435, LogLevel.Warning, "Checkpoint {Checkpoint} cannot be read on this node, and the one before it is tried: {Reason}")]
    public static partial void CheckpointPassedOver(this ILogger logger, string checkpoint, string reason);

    [LoggerMessage(1436, LogLevel.Information, "Checkpoint {Checkpoint} is on the other tier, too: {Bytes} bytes were copied.")]
    public static partial void Flushed(this ILogger logger, string checkpoint, long bytes);

    [LoggerMessage(1437, LogLevel.Warning, "Checkpoint {Checkpoint} could not be copied to the other tier, and is tried again with the next one: {Reason}")]
    public static partial void FlushFailed(this ILogger logger, string checkpoint, string reason);

    [LoggerMessage(1421, LogLevel.Warning, "Checkpoint {Checkpoint} is damaged: {Reason}")]
    public static partial void CheckpointDamaged(this ILogger logger, string checkpoint, string reason);

    [LoggerMessage(1422, LogLevel.Information, "Checkpoint {Checkpoint} was verified: {Passed}.")]
    public static partial void CheckpointVerified(this ILogger logger, string checkpoint, bool passed);

    [LoggerMessage(1423, LogLevel.Warning, "Checkpoint {Checkpoint} could not be verified: {Reason}")]
    public static partial void VerifyFailed(this ILogger logger, string checkpoint, string reason);

    [LoggerMessage(1424, LogLevel.Information, "The gateway discards {Attempt}.")]
    public static partial void Discarded(this ILogger logger, AttemptId attempt);

    [LoggerMessage(1425, LogLevel.Warning, "{Attempt} is wanted, but epoch {Highest} of its stage was held here before; it is not started.")]
    public static partial void OlderEpoch(this ILogger logger, AttemptId attempt, int highest);

    [LoggerMessage(1426, LogLevel.Information, "{Attempt} may not be started yet: {Reason}")]
    public static partial void LaunchNotAllowed(this ILogger logger, AttemptId attempt, string reason);

    [LoggerMessage(1427, LogLevel.Error, "{Attempt} met an error of the node; trying again.")]
    public static partial void AttemptFailed(this ILogger logger, AttemptId attempt, Exception failure);

    [LoggerMessage(1428, LogLevel.Warning, "The machine does not have the cores that were given to {Attempt}: programs run without a CPU set of their own.")]
    public static partial void NoSuchCores(this ILogger logger, AttemptId attempt);

    [LoggerMessage(1429, LogLevel.Warning, "{Attempt}: files could not be looked at: {Reason}")]
    public static partial void FilesUnreadable(this ILogger logger, AttemptId attempt, string reason);

    [LoggerMessage(1430, LogLevel.Error, "The reports of {Attempt} are refused: {Reason}")]
    public static partial void ReportsRefused(this ILogger logger, AttemptId attempt, string reason);

    [LoggerMessage(1431, LogLevel.Warning, "The record of {Attempt} could not be removed: {Reason}")]
    public static partial void RecordKept(this ILogger logger, AttemptId attempt, string reason);

    [LoggerMessage(1438, LogLevel.Warning, "{Attempt} uses {Excess}.")]
    public static partial void UsesMore(this ILogger logger, AttemptId attempt, string excess);

    [LoggerMessage(1432, LogLevel.Warning, "{Attempt} wrote to {File} again before checkpoint {Checkpoint} was seen, and did not say how long it was: a restart from it cannot roll the file back.")]
    public static partial void LengthUnknown(this ILogger logger, AttemptId attempt, string file, string checkpoint);
}
