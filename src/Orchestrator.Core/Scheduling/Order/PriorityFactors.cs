namespace Orchestrator.Core.Scheduling.Order;

/// <summary>What a priority is made of; each from 0 to 1, the greater the sooner.</summary>
public readonly record struct PriorityFactors
{
    public double Class { get; init; }

    public double Age { get; init; }

    public double FairShare { get; init; }

    /// <summary>Urgency of the deadline.</summary>
    public double Deadline { get; init; }

    public double Size { get; init; }

    public double Promise { get; init; }
}
