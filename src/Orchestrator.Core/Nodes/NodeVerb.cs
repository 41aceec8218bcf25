namespace Orchestrator.Core.Nodes;

/// <summary>What may be asked of a node.</summary>
[GenerateSerializer, Alias("orchestrator.node-verb")]
public enum NodeVerb
{
    Absent = 0,

    /// <summary>Nothing new starts; what runs leaves with a checkpoint and goes on elsewhere.</summary>
    Drain = 1,

    /// <summary>Nothing new starts; what runs may end by itself.</summary>
    DrainWhenIdle = 2,
    Resume = 3,
}
