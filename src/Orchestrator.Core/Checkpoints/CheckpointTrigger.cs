namespace Orchestrator.Core.Checkpoints;

/// <summary>What brings a checkpoint about.</summary>
[GenerateSerializer, Alias("orchestrator.checkpoint-trigger")]
public enum CheckpointTrigger
{
    Absent = 0,

    /// <summary>Only those that the program makes by itself.</summary>
    Program = 1,

    Periodic = 2,

    /// <summary>The optimum of measured cost and failure rate (Daly), under the largest loss allowed.</summary>
    Adaptive = 3,
}
