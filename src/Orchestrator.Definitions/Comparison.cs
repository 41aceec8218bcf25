using System.Collections.Immutable;
using Orchestrator.Core.Scenarios.Criteria;
using Orchestrator.Core.Scenarios.Reallocation;

namespace Orchestrator.Definitions;

/// <summary>By what the scenarios of a campaign are compared.</summary>
public sealed record Comparison
{
    /// <summary>The name of a metric that the programs report.</summary>
    public string Metric { get; init; } = "";

    public ObjectiveDirection Direction { get; init; } = ObjectiveDirection.Higher;

    public SteeringMode Steering { get; init; } = SteeringMode.Advise;

    /// <summary>The value of the metric with which the objective is met; null: the better the better.</summary>
    public double? Target { get; init; }

    /// <summary>What else is wanted; it counts for the evaluation, and does not rank.</summary>
    public ImmutableArray<MetricTarget> Metrics { get; init; } = [];

    /// <summary>Of scenarios that would wait, this part goes on in any case; and the part of an equal share that nobody is pushed below. 0 to 1.</summary>
    public double Floor { get; init; } = 0.1;

    /// <summary>How shares follow priorities.</summary>
    public ReallocationStrategy Strategy { get; init; } = ReallocationStrategy.Balanced;

    /// <summary>Between two evaluations that may move priorities and shares.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Smaller changes of a priority are none, 0 to 1.</summary>
    public double MinimumChange { get; init; } = 0.05;

    /// <summary>What a scenario may lose of its own share at once, 0 to 1.</summary>
    public double MaximumShift { get; init; } = 0.2;

    /// <summary>What priorities follow.</summary>
    public PriorityRule Priorities { get; init; } = PriorityRule.Evaluation;

    /// <summary>Questions of the research.</summary>
    public ImmutableArray<ResearchObjective> Objectives { get; init; } = [];
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
