namespace Orchestrator.Storage;

/// <summary>What an acknowledged write survives.</summary>
public enum StorageDurability
{
    Absent = 0,

    /// <summary>The loss of power: every commit is synced to the disk.</summary>
    Full = 1,

    /// <summary>A crash of the process; the last commits may be lost with the power, never torn.</summary>
    Normal = 2,
}
