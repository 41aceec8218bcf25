namespace Orchestrator.Core.Checkpoints;

/// <summary>What was measured, or is believed, of the checkpoints of one stage and of what fails under it.</summary>
public sealed record CheckpointFacts
{
    /// <summary>How long the program is held up by one full checkpoint.</summary>
    public TimeSpan Cost { get; init; }

    /// <summary>How long after that it takes until it is durable.</summary>
    public TimeSpan Flush { get; init; }

    /// <summary>How long it is held up by one of the smaller kind; null: none was made yet.</summary>
    public TimeSpan? SmallerCost { get; init; }

    /// <summary>Of all nodes of the attempt together; above zero.</summary>
    public TimeSpan MeanTimeBetweenFailures { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long a loss goes unnoticed.</summary>
    public TimeSpan Detection { get; init; }

    /// <summary>No interval is shorter.</summary>
    public TimeSpan IntervalMin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether <see cref="Cost"/> was measured.</summary>
    public bool Measured { get; init; }

    /// <summary>What is believed beforehand counts as one failure in its time, and what was seen is added.</summary>
    /// <param name="ofNode">Mean time between failures of one node, as believed.</param>
    /// <param name="nodes">Nodes of the attempt; the gang fails as often as all of them together.</param>
    /// <param name="exposure">How long attempts ran so far.</param>
    /// <param name="failures">How many of them failed or were lost.</param>
    public static TimeSpan Learned(TimeSpan ofNode, int nodes, TimeSpan exposure, int failures) => ((ofNode / Math.Max(1, nodes)) + exposure) / (1 + failures);
}
