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

    /// <summary>After every share of the progress.</summary>
    Progress = 4,

    /// <summary>When something happens: see <see cref="CheckpointEvent"/>.</summary>
    Event = 5,

    /// <summary>By time, progress and events, whichever comes first.</summary>
    Hybrid = 6,
}

/// <summary>What happens that a checkpoint is worth. Before maintenance, preemption and the end of walltime there is one with every trigger but <see cref="CheckpointTrigger.Program"/>.</summary>
[GenerateSerializer, Alias("orchestrator.checkpoint-event")]
public enum CheckpointEvent
{
    Absent = 0,

    /// <summary>The program reported a usable file.</summary>
    Artifact = 1,

    /// <summary>Another stage of the simulation ended.</summary>
    StageEnd = 2,

    /// <summary>An attempt of another stage of the simulation failed or was lost: what hit one may hit the next.</summary>
    Failure = 3,
}
