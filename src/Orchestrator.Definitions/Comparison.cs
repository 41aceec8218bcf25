namespace Orchestrator.Definitions;

/// <summary>By what the scenarios of a campaign are compared.</summary>
public sealed record Comparison
{
    /// <summary>The name of a metric that the programs report.</summary>
    public string Metric { get; init; } = "";

    public ObjectiveDirection Direction { get; init; } = ObjectiveDirection.Higher;

    public SteeringMode Steering { get; init; } = SteeringMode.Advise;
}

/// <summary>Which values of the metric are the better ones.</summary>
public enum ObjectiveDirection
{
    Absent = 0,
    Higher = 1,
    Lower = 2,
}

/// <summary>What is done with the comparison.</summary>
public enum SteeringMode
{
    Absent = 0,

    /// <summary>Nothing.</summary>
    Off = 1,

    /// <summary>Scenarios are ranked and a shift of resources is proposed; none happens.</summary>
    Advise = 2,

    /// <summary>Resources follow the ranking.</summary>
    Steer = 3,
}
