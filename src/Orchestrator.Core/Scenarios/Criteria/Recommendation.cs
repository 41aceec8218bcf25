namespace Orchestrator.Core.Scenarios.Criteria;

/// <summary>What to do with a scenario.</summary>
[GenerateSerializer, Alias("orchestrator.recommendation")]
public enum Recommendation
{
    Absent = 0,
    Continue = 1,
    Adjust = 2,
    Deprioritize = 3,
}
