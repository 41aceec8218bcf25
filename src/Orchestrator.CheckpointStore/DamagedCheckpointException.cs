namespace Orchestrator.CheckpointStore;

/// <summary>Bytes of a checkpoint are not what was stored: an earlier one may be whole.</summary>
public sealed class DamagedCheckpointException : StoreException
{
    public DamagedCheckpointException(string message)
        : base(message)
    {
    }

    public DamagedCheckpointException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public DamagedCheckpointException()
    {
    }
}
