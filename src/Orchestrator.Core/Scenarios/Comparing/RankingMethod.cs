namespace Orchestrator.Core.Scenarios.Comparing;

/// <summary>How many scenarios are put in order.</summary>
[GenerateSerializer, Alias("orchestrator.ranking-method")]
public enum RankingMethod
{
    Absent = 0,

    /// <summary>Each is voted for by those that it beats, by how much (PageRank over the pairwise comparisons, damping 0.85, 5 rounds).</summary>
    PairwiseGraph = 1,

    /// <summary>The weighted mean of the criteria.</summary>
    WeightedSum = 2,

    /// <summary>The mean place over the criteria (Borda).</summary>
    RankSum = 3,

    /// <summary>The fronts of those that nothing else dominates.</summary>
    Pareto = 4,

    /// <summary>TOPSIS.</summary>
    MultiCriteria = 5,
}
