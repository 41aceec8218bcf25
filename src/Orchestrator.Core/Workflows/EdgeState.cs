namespace Orchestrator.Core.Workflows;

/// <summary>Where an edge stands.</summary>
[GenerateSerializer, Alias("orchestrator.edge-state")]
public enum EdgeState
{
    Absent = 0,
    Pending = 1,
    Satisfied = 2,

    /// <summary>It can never be satisfied any more.</summary>
    Failed = 3,

    /// <summary>Somebody declared that it does not matter: it counts as satisfied.</summary>
    Bypassed = 4,
}
