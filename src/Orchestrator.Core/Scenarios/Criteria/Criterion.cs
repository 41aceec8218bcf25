namespace Orchestrator.Core.Scenarios.Criteria;

/// <summary>By what a scenario is judged.</summary>
[GenerateSerializer, Alias("orchestrator.criterion")]
public enum Criterion
{
    Absent = 0,

    /// <summary>How near its metrics are to what is wanted.</summary>
    Accuracy = 1,

    /// <summary>Whether its metrics settle.</summary>
    Convergence = 2,

    /// <summary>Whether they stay smooth on their way, and attempts do not fail.</summary>
    Stability = 3,

    /// <summary>What it gains for its compute, against the others.</summary>
    Efficiency = 4,

    /// <summary>How far it is from the others.</summary>
    Novelty = 5,

    /// <summary>How much of the objectives' importance it has to do with.</summary>
    Significance = 6,

    /// <summary>Whether its ensemble members agree.</summary>
    Robustness = 7,

    /// <summary>How many of the metrics that were asked for it shows.</summary>
    Explainability = 8,

    /// <summary>Whether its metrics say the same.</summary>
    Consistency = 9,
}
