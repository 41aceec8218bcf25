namespace Orchestrator.Core.Workflows;

/// <summary>
/// An edge of the graph: this stage waits for another one. It is satisfied when its condition is, and then, where they are given, its expression is true, its delay is over and
/// somebody approved.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.dependency")]
public sealed record Dependency
{
    [Id(0)] public string Stage { get; init; } = "";

    [Id(1)] public DependencyCondition Condition { get; init; } = DependencyCondition.Success;

    /// <summary>With <see cref="DependencyCondition.Progress"/>: satisfied at this progress, above 0 to 1.</summary>
    [Id(2)] public double Progress { get; init; }

    /// <summary>With <see cref="DependencyCondition.Artifact"/>: the path of the file, relative to the run directory; '*' and '?' stand for other letters.</summary>
    [Id(3)] public string? Artifact { get; init; }

    /// <summary>So long after its condition was satisfied; at least 0.</summary>
    [Id(4)] public TimeSpan Delay { get; init; }

    /// <summary>Who has to approve: the name of a user, a role, or <see cref="Anyone"/>; null: nobody has to.</summary>
    [Id(5)] public string? Approval { get; init; }

    /// <summary>An expression over results that has to be true (<see cref="WorkflowExpression"/>); null: none.</summary>
    [Id(6)] public string? When { get; init; }

    /// <summary>Absent: what the other members say, <see cref="EdgeRules.KindOf"/>.</summary>
    [Id(7)] public DependencyKind Kind { get; init; }

    /// <summary>Whoever may steer the simulation may approve.</summary>
    public const string Anyone = "anyone";
}
