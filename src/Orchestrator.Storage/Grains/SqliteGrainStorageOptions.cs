namespace Orchestrator.Storage;

/// <summary>How SQLite keeps the state of grains.</summary>
public sealed class SqliteGrainStorageOptions
{
    /// <summary>
    /// Whether clearing a state deletes its row. Default false, as with AdoNet storage: the row stays without a payload, and a late writer with an older ETag is still refused.
    /// </summary>
    public bool DeleteStateOnClear { get; set; }
}
