namespace Orchestrator.Core.Checkpoints;

/// <summary>What is known of the bytes of a checkpoint.</summary>
[GenerateSerializer, Alias("orchestrator.checkpoint-status")]
public enum CheckpointStatus
{
    Absent = 0,

    /// <summary>The bytes match the manifest.</summary>
    Intact = 1,

    /// <summary>A verify command passed, or a restart progressed past it.</summary>
    Proven = 2,

    /// <summary>Found damaged or missing; never restored.</summary>
    Damaged = 3,

    /// <summary>Pruned by retention.</summary>
    Deleted = 4,

    /// <summary>It never came to be: it could not be read or made durable. Its record says why.</summary>
    Failed = 5,
}
