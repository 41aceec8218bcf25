namespace Orchestrator.Storage;

/// <summary>
/// The database could not be reached or could not write (disk full, input/output error, connection lost, lock not granted).
/// Whether the write took place is unknown: the caller reads again before it goes on. The same call may succeed later.
/// </summary>
[GenerateSerializer, Alias("orchestrator.storage-unavailable-exception")]
public sealed class StorageUnavailableException : OrchestratorException
{
    public StorageUnavailableException()
    {
    }

    public StorageUnavailableException(string message) : base(message)
    {
    }

    public StorageUnavailableException(string message, Exception? inner) : base(message, inner)
    {
    }

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
