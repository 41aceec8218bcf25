namespace Orchestrator.Core.Checkpoints;

/// <summary>How a checkpoint is known to be written whole.</summary>
[GenerateSerializer, Alias("orchestrator.checkpoint-completion")]
public enum CheckpointCompletion
{
    Absent = 0,

    /// <summary>The program writes NAME.partial/ and renames it to NAME/.</summary>
    Rename = 1,

    /// <summary>A file FILE.done stands beside FILE.</summary>
    Marker = 2,

    /// <summary>Its files have not changed for a while: intact, never proven.</summary>
    Stable = 3,

    /// <summary>As many files match as a set has: one for each rank, say.</summary>
    Count = 4,

    /// <summary>A line of a log says that it is written.</summary>
    Pattern = 5,
}
