namespace Orchestrator.Core.Scenarios.Priorities;

/// <summary>Why a priority changed.</summary>
[GenerateSerializer, Alias("orchestrator.priority-reason")]
public enum PriorityReason
{
    Absent = 0,
    EvaluationChanged = 1,
    ResourceConstraint = 2,
    ManualOverride = 3,
    RelativeComparison = 4,
    ResearchObjectiveAlignment = 5,
    ConvergenceRate = 6,
    ResourceEfficiency = 7,
    NoveltyDiscovery = 8,

    /// <summary>A manual override was taken back.</summary>
    OverrideTakenBack = 9,
}
