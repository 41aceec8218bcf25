namespace Orchestrator.CheckpointStore.Chunks;

/// <summary>How a file is cut into chunks.</summary>
public enum Chunking
{
    /// <summary>
    /// Measured, file by file. One as long as before is cut where it was cut before, as long as chunks are met again; else by content; and once content finds nothing either, an
    /// array was rewritten as a whole, in blocks, which cost least. One of another length is cut in the way of before; a new one by content.
    /// </summary>
    Automatic = 0,

    /// <summary>By content: 512 KiB at least, 1 MiB normally, 8 MiB at most.</summary>
    Content = 1,

    /// <summary>Blocks of 1 MiB.</summary>
    Fixed = 2,

    /// <summary>Where the version before was cut.</summary>
    Previous = 3,
}
