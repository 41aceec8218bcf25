using Microsoft.Extensions.Logging;

namespace Orchestrator.Storage;

/// <summary>What the storage layer says: ids 1700 and up.</summary>
internal static partial class StorageLog
{
    [LoggerMessage(1700, LogLevel.Information, "Opened the database {Location} (SQLite {Version}, {Journal} journal, {Durability} durability).")]
    public static partial void OpenedSqlite(this ILogger logger, string location, string version, string journal, StorageDurability durability);

    [LoggerMessage(1701, LogLevel.Information, "Opened the database {Location} (PostgreSQL {Version}).")]
    public static partial void OpenedPostgreSql(this ILogger logger, string location, string version);

    [LoggerMessage(1702, LogLevel.Information, "Applied the script {Script} to {Location}.")]
    public static partial void AppliedScript(this ILogger logger, string script, string location);

    [LoggerMessage(1703, LogLevel.Warning, "The data directory {Directory} is on a network file system ({FileSystem}): a rollback journal, full sync and a writer's lease are used, which is slower.")]
    public static partial void FoundNetworkFileSystem(this ILogger logger, string directory, string fileSystem);

    [LoggerMessage(1704, LogLevel.Warning, "The last process did not close {Location}: checked it.")]
    public static partial void CheckedAfterCrash(this ILogger logger, string location);

    [LoggerMessage(1705, LogLevel.Error, "A batch of {Writes} writes to {Location} failed.")]
    public static partial void BatchFailed(this ILogger logger, Exception exception, int writes, string location);

    [LoggerMessage(1706, LogLevel.Information, "Writing to {Location} works again.")]
    public static partial void Recovered(this ILogger logger, string location);

    [LoggerMessage(1707, LogLevel.Warning, "Housekeeping of {Location} failed; it is tried again.")]
    public static partial void HousekeepingFailed(this ILogger logger, Exception exception, string location);

    [LoggerMessage(1708, LogLevel.Warning, "Waiting up to {Wait} for the lease of process {Pid} on {Host}, which did not close {Location}.")]
    public static partial void WaitingForLease(this ILogger logger, TimeSpan wait, long pid, string host, string location);

    [LoggerMessage(1709, LogLevel.Information, "Pruned {Events} events, {Keys} idempotency keys and {Rows} rows of the audit from {Location}.")]
    public static partial void Pruned(this ILogger logger, int events, int keys, int rows, string location);
}
