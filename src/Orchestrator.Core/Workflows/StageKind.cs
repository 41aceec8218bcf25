namespace Orchestrator.Core.Workflows;

/// <summary>What a stage does.</summary>
[GenerateSerializer, Alias("orchestrator.stage-kind")]
public enum StageKind
{
    /// <summary>It runs a command.</summary>
    Absent = 0,
    Work = 1,

    /// <summary>It runs nothing and is complete as soon as its dependencies are satisfied: one node in place of many edges, and a place where branches meet.</summary>
    Barrier = 2,
}
