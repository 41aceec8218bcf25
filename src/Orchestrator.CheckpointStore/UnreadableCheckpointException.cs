namespace Orchestrator.CheckpointStore;

/// <summary>
/// The file system does not give the bytes of a checkpoint. They may be right, so it is no damage that is noted for good; <see cref="IsOfMedium"/> tells whether another try would
/// help.
/// </summary>
public sealed class UnreadableCheckpointException : StoreException
{
    public UnreadableCheckpointException(string message)
        : base(message)
    {
    }

    /// <param name="message">Which bytes, and what the system says.</param>
    /// <param name="inner">Its number is that of this one.</param>
    public UnreadableCheckpointException(string message, Exception inner)
        : base(message, inner) => HResult = inner.HResult;

    public UnreadableCheckpointException()
    {
    }

    /// <summary>
    /// Whether a failure means a bad sector, or what a file system finds broken in itself (EIO, EBADMSG, EUCLEAN): the checkpoint before is the way on. A server that is away
    /// (ESTALE, ETIMEDOUT), missing rights or too many open files are not.
    /// </summary>
    public static bool IsOfMedium(Exception failure) => failure is IOException && (failure.HResult & 0xFFFF) is 5 or 74 or 117;
}
