namespace Orchestrator.Core.Scheduling.Order;

/// <summary>
/// How much longer than it really has an attempt counts as having waited, for its size, in typical lengths of work: nothing while the queue is short, all of it when the queue is deep.
/// Small work that waits behind large costs more, for its length, than large behind small.
/// </summary>
public sealed record HeadStartSettings
{
    /// <summary>In the order of the queue, for the smallest; not negative.</summary>
    public double Small { get; init; } = 2;

    /// <summary>In the order of those that may slip in, for the smallest; not negative.</summary>
    public double SmallInBackfill { get; init; } = 8;

    /// <summary>In the order of those that may slip in, for the largest, when the queue is very deep; not negative.</summary>
    public double LargeInBackfill { get; init; } = 32;

    /// <summary>Work is half small when so much of all work came in smaller pieces; above 0, at most 1.</summary>
    public double SmallPart { get; init; } = 0.03;
}
