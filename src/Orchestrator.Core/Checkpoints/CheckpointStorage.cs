namespace Orchestrator.Core.Checkpoints;

/// <summary>What happens to the bytes of a checkpoint.</summary>
[GenerateSerializer, Alias("orchestrator.checkpoint-storage")]
public enum CheckpointStorage
{
    Absent = 0,

    /// <summary>A manifest over the files where the program left them; nothing is copied.</summary>
    InPlace = 1,

    /// <summary>Hard links into the checkpoint area.</summary>
    Link = 2,

    Copy = 3,
}
