namespace Orchestrator.CheckpointStore;

/// <summary>There is no room: the disk is full, or the quota of the store would be exceeded. What is stored is as it was.</summary>
public sealed class StoreFullException : StoreException
{
    public StoreFullException(string message)
        : base(message)
    {
    }

    public StoreFullException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public StoreFullException()
    {
    }

    /// <summary>Whether a failure says that a disk or a quota is full: that of a store, or of the system.</summary>
    public static bool IsNoRoom(IOException failure) => failure is StoreFullException || Means(failure);

    /// <summary>Whether the system says that nothing can be written here by this process: full, read-only, or not ours.</summary>
    internal static bool MeansNoWriting(Exception fault) => fault is UnauthorizedAccessException || (fault is IOException io and not StoreException && (Means(io) || (io.HResult & 0xFFFF) is 30 or 13 or 1));

    /// <summary>Whether the system says that a disk or a quota of it is full.</summary>
    internal static bool Means(IOException fault) => fault is not StoreException && (fault.HResult & 0xFFFF) is 28 or 122;
}
