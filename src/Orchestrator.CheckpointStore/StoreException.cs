namespace Orchestrator.CheckpointStore;

/// <summary>A store does not do what was asked; the message says why, and what can be done.</summary>
public class StoreException : IOException
{
    public StoreException(string message)
        : base(message)
    {
    }

    public StoreException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public StoreException()
    {
    }
}
