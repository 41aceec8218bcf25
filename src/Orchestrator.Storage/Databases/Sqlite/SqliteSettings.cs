namespace Orchestrator.Storage;

/// <summary>How the file is opened, by what the file system can do.</summary>
internal sealed record SqliteSettings
{
    public required string Path { get; init; }

    /// <summary>True where shared memory and lock files are not to be trusted: a rollback journal, full sync, one connection, and a lease in the database.</summary>
    public required bool IsOnNetwork { get; init; }

    public required StorageDurability Durability { get; init; }

    public string JournalMode => IsOnNetwork ? "DELETE" : "WAL";

    public string Synchronous => IsOnNetwork || Durability == StorageDurability.Full ? "FULL" : "NORMAL";

    /// <summary>Seconds that a statement waits for a lock of another program, such as the sqlite3 shell.</summary>
    public int BusySeconds { get; init; } = 10;
}
