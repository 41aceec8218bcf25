namespace Orchestrator.Core.Workflows;

/// <summary>An edge of the graph: this stage waits for another one.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.dependency")]
public sealed record Dependency
{
    [Id(0)] public string Stage { get; init; } = "";

    [Id(1)] public DependencyCondition Condition { get; init; } = DependencyCondition.Success;

    /// <summary>With <see cref="DependencyCondition.Progress"/>: satisfied at this progress, 0 to 1.</summary>
    [Id(2)] public double Progress { get; init; }
}
