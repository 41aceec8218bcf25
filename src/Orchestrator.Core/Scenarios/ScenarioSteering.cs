namespace Orchestrator.Core.Scenarios;

/// <summary>What is done with the ranking.</summary>
[GenerateSerializer, Alias("orchestrator.scenario-steering")]
public enum ScenarioSteering
{
    Absent = 0,
    Off = 1,
    Advise = 2,
    Steer = 3,
}
