namespace Orchestrator.CheckpointStore;

/// <summary>Another process does what only one may do at a time; later it can succeed.</summary>
public sealed class StoreBusyException : StoreException
{
    public StoreBusyException(string message)
        : base(message)
    {
    }

    public StoreBusyException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public StoreBusyException()
    {
    }
}
