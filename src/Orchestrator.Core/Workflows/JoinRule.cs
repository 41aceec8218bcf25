namespace Orchestrator.Core.Workflows;

/// <summary>How many of its dependencies a stage needs.</summary>
[GenerateSerializer, Alias("orchestrator.join-rule")]
public enum JoinRule
{
    /// <summary>All of them.</summary>
    Absent = 0,
    All = 1,

    /// <summary>The first one, or the first few (<see cref="StageDefinition.JoinCount"/>); the others do not matter any more.</summary>
    Any = 2,

    /// <summary>None is open any more, one at least is satisfied, and none was broken by a failure: where the branches of a decision meet.</summary>
    Settled = 3,
}
