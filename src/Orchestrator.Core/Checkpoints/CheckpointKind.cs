namespace Orchestrator.Core.Checkpoints;

/// <summary>How much of its state a program writes.</summary>
[GenerateSerializer, Alias("orchestrator.checkpoint-kind")]
public enum CheckpointKind
{
    Absent = 0,

    /// <summary>All that a restart needs.</summary>
    Full = 1,

    /// <summary>What changed since the one before.</summary>
    Incremental = 2,

    /// <summary>What cannot be computed again in reasonable time.</summary>
    CriticalState = 3,

    /// <summary>How far it is, and no state.</summary>
    MetadataOnly = 4,
}
