namespace Orchestrator.Core.Scenarios.Reallocation;

/// <summary>What the priorities of scenarios follow.</summary>
[GenerateSerializer, Alias("orchestrator.priority-rule")]
public enum PriorityRule
{
    Absent = 0,

    /// <summary>What the criteria say of each.</summary>
    Evaluation = 1,

    /// <summary>How each stands to the best: its score is its priority.</summary>
    Ranking = 2,
}
