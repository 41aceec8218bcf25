namespace Orchestrator.Core.Scenarios.Comparing;

/// <summary>How two scenarios, or many, are compared.</summary>
[GenerateSerializer, Alias("orchestrator.comparison-method")]
public enum ComparisonMethod
{
    Absent = 0,

    /// <summary>The mean difference of the criteria that both have.</summary>
    Direct = 1,

    /// <summary>The same, weighted.</summary>
    Weighted = 2,

    /// <summary>Weighted, each difference in parts of the larger of the two.</summary>
    Relative = 3,

    /// <summary>The criteria won less those lost, weighted, in parts of all.</summary>
    RankBased = 4,

    /// <summary>1 or -1 where one is nowhere worse and somewhere better (Pareto); else 0.</summary>
    Pareto = 5,

    /// <summary>TOPSIS: the difference in closeness to the best and farness from the worst of all (Hwang and Yoon, 1981).</summary>
    MultiCriteria = 6,

    /// <summary>The mean of direct, weighted, relative and rank-based.</summary>
    Ensemble = 7,
}
