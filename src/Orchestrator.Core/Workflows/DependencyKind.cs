namespace Orchestrator.Core.Workflows;

/// <summary>What an edge stands for.</summary>
[GenerateSerializer, Alias("orchestrator.dependency-kind")]
public enum DependencyKind
{
    Absent = 0,
    Sequential = 1,

    /// <summary>It needs a file of the other stage.</summary>
    Data = 2,

    /// <summary>It takes what the other stage holds: satisfied by any end of that one, a skip included, so it is never broken.</summary>
    Resource = 3,
    Conditional = 4,
    Temporal = 5,
}
