namespace Orchestrator.Core.Scheduling.Order;

/// <summary>How waiting attempts are ordered.</summary>
public sealed record OrderSettings
{
    public QueuePolicy Policy { get; init; } = QueuePolicy.Weighted;

    /// <summary>Weights of the factors; not negative, at least one above 0. They are divided by their sum.</summary>
    public PriorityWeights Weights { get; init; } = new();

    /// <summary>The age factor is 1 after so long in the queue.</summary>
    public TimeSpan AgeFull { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Usage counts half after so long.</summary>
    public TimeSpan UsageHalfLife { get; init; } = TimeSpan.FromDays(14);
}

/// <summary>The weight of each factor.</summary>
public sealed record PriorityWeights
{
    public double Class { get; init; } = 8;

    public double Age { get; init; } = 1;

    public double FairShare { get; init; } = 4;

    public double Deadline { get; init; } = 4;

    public double Size { get; init; } = 1;

    public double Promise { get; init; } = 1;
}
