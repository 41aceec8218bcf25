using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Orchestrator.Storage;

/// <summary>What an error of SQLite means to callers.</summary>
internal static class SqliteErrors
{
    /// <summary>True for an error that concerns the file rather than the statement: everything in its transaction is undone.</summary>
    public static bool IsOfTheFile(this SqliteException error) => error.IsDamage() || error.Cause() is not null;

    public static bool IsDamage(this SqliteException error) => error.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    /// <summary>The fault as callers know it; the same exception when it is none of the file.</summary>
    public static Exception Translate(this SqliteException error, string path)
    {
        if (error.IsDamage())
        {
            return Damaged(path, error.Message, error);
        }

        return error.Cause() is { } cause ? new StorageUnavailableException($"{path}: {cause} (SQLite error {error.SqliteExtendedErrorCode}).", error) : error;
    }

    public static DatabaseDamagedException Damaged(string path, string detail, Exception? inner = null) => new(
        $"The database {path} is damaged ({string.Join(' ', detail.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.')}). Stop everything, move it and its -wal and -shm files away, and put a copy made by 'orchestrator backup' in its place.", inner);

    private static string? Cause(this SqliteException error) => error.SqliteErrorCode switch
    {
        raw.SQLITE_FULL => "the disk is full",
        raw.SQLITE_IOERR => "input or output failed",
        raw.SQLITE_READONLY => "the file cannot be written",
        raw.SQLITE_CANTOPEN => "the file cannot be opened",
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "another program has locked the file",
        raw.SQLITE_NOMEM => "memory ran out",
        raw.SQLITE_PROTOCOL => "the file system does not lock files as it should",
        _ => null,
    };
}
