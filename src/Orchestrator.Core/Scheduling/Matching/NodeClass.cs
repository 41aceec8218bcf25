namespace Orchestrator.Core.Scheduling.Matching;

/// <summary>What a node is made for.</summary>
public enum NodeClass
{
    Absent = 0,

    /// <summary>Cores, and nothing that is scarce.</summary>
    Cpu = 1,

    /// <summary>It has GPUs.</summary>
    Gpu = 2,

    /// <summary>Much memory and no GPU.</summary>
    Memory = 3,

    /// <summary>For anything, by its kind or a feature: others are taken first, so that it is there for what fits nowhere else.</summary>
    General = 4,
}
