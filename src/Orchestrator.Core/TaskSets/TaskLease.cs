namespace Orchestrator.Core.TaskSets;

/// <summary>One task given to one node to run once.</summary>
public readonly record struct TaskLease
{
    /// <summary>Number of the task in its set.</summary>
    public int Task { get; init; }

    public int Node { get; init; }

    /// <summary>Grows with each lease of the set: a report of another serial is of a lease that was returned, and changes nothing.</summary>
    public long Serial { get; init; }

    /// <summary>From 1; failures before it, plus one.</summary>
    public int Attempt { get; init; }

    public DateTimeOffset LeasedAt { get; init; }
}
