namespace Orchestrator.Storage;

/// <summary>The databases that state can be kept in.</summary>
public enum StorageProvider
{
    Absent = 0,

    /// <summary>One file in the data directory, one silo. The default.</summary>
    Sqlite = 1,

    /// <summary>A server, for one silo or many.</summary>
    PostgreSql = 2,
}
