namespace Orchestrator.Core.Nodes;

/// <summary>Whether a node that is alive should get new work.</summary>
[GenerateSerializer, Alias("orchestrator.node-condition")]
public enum NodeCondition
{
    Sound = 0,

    /// <summary>Slowed down by others, or about to run out of something.</summary>
    Degraded = 1,

    /// <summary>It comes and goes.</summary>
    Quarantined = 2,
}
