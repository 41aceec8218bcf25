namespace Orchestrator.Silo;

/// <summary>Why a silo did not start. The number is the exit status of the command.</summary>
public enum SiloStartFailure
{
    Absent = 0,

    /// <summary>Something that is none of those below; the log has it.</summary>
    Unexpected = 10,

    /// <summary>Another silo runs on the data directory.</summary>
    DataDirectoryInUse = 11,

    /// <summary>Another program listens on the port, or the system does not let us have it.</summary>
    AddressNotAvailable = 12,

    /// <summary>The database is not what was written.</summary>
    DatabaseDamaged = 13,

    /// <summary>The database is a newer release's.</summary>
    DatabaseVersion = 14,

    /// <summary>The database cannot be reached or written: a full disk, a server that is down.</summary>
    StorageUnavailable = 15,

    /// <summary>The data directory, or the one of the socket, cannot be made or written.</summary>
    DirectoryNotWritable = 16,

    /// <summary>A configuration value is not allowed.</summary>
    Configuration = 17,
}
