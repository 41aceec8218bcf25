namespace Orchestrator.CheckpointStore;

/// <summary>Nothing in the store has this id or name.</summary>
public sealed class NoSuchCheckpointException : StoreException
{
    public NoSuchCheckpointException(string message)
        : base(message)
    {
    }

    public NoSuchCheckpointException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public NoSuchCheckpointException()
    {
    }
}
