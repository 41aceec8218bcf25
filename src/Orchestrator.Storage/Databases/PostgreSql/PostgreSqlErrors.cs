using Npgsql;

namespace Orchestrator.Storage;

/// <summary>What an error of PostgreSQL means to callers.</summary>
internal static class PostgreSqlErrors
{
    /// <summary>True when the server undid the transaction because of another one: the same work may run again at once.</summary>
    public static bool IsCollision(this Exception error) =>
        error is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected };

    /// <summary>The fault as callers know it; the same exception when it is none of the server.</summary>
    public static Exception Translate(this Exception error, string location) => error switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted } damage =>
            new DatabaseDamagedException($"The database {location} is damaged ({damage.MessageText}). Restore it from a backup.", damage),
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } full => new StorageUnavailableException($"{location}: the disk of the server is full.", full),
        PostgresException { IsTransient: true } or PostgresException { SqlState: PostgresErrorCodes.IoError } or PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } =>
            new StorageUnavailableException($"{location}: {((PostgresException)error).MessageText}", error),
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification or PostgresErrorCodes.InvalidCatalogName } refused =>
            new StorageUnavailableException($"{location} refused the connection: {refused.MessageText}.", refused),
        PostgresException => error,
        NpgsqlException or TimeoutException or System.Net.Sockets.SocketException => new StorageUnavailableException($"{location} cannot be reached: {error.Message}", error),
        _ => error,
    };
}
