namespace Orchestrator.Core.Scenarios.Reallocation;

/// <summary>Who gives and who gets. Whatever the strategy, the total of each resource stays what it was.</summary>
[GenerateSerializer, Alias("orchestrator.reallocation-strategy")]
public enum ReallocationStrategy
{
    Absent = 0,

    /// <summary>The lower half gives to the upper half.</summary>
    Balanced = 1,

    /// <summary>Shares go towards priorities.</summary>
    Proportional = 2,

    /// <summary>Those below 0.3 give to those above 0.7.</summary>
    Threshold = 3,

    /// <summary>The lowest fifth gives to the highest fifth, half as much as may be shifted.</summary>
    Gradual = 4,

    /// <summary>The last gives a step, a quarter of what may be shifted, to the first.</summary>
    Stepwise = 5,

    /// <summary>Shares go towards the chances of being the best: what is uncertain keeps more (upper confidence bound, then Boltzmann shares).</summary>
    Bandit = 6,

    /// <summary>The lowest 30 % give to the highest 30 %.</summary>
    Aggressive = 7,
}
