namespace Orchestrator.Core.Usage;

/// <summary>By what use is told apart.</summary>
[GenerateSerializer, Alias("orchestrator.usage-dimension")]
public enum UsageDimension
{
    Absent = 0,
    Total = 1,
    Institution = 2,
    Project = 3,
    User = 4,
    Simulation = 5,
    Stage = 6,
    Task = 7,
    Node = 8,
}
