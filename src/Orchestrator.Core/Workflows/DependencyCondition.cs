namespace Orchestrator.Core.Workflows;

/// <summary>What satisfies a dependency.</summary>
[GenerateSerializer, Alias("orchestrator.dependency-condition")]
public enum DependencyCondition
{
    Absent = 0,
    Success = 1,
    Failure = 2,

    /// <summary>Success or failure.</summary>
    End = 3,
    Progress = 4,

    /// <summary>The other stage reported or published a file.</summary>
    Artifact = 5,
}
