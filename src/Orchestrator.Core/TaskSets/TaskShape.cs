namespace Orchestrator.Core.TaskSets;

/// <summary>What the rules know of a task. A campaign has few shapes and many tasks, so that a waiting task holds the number of its shape only.</summary>
public sealed record TaskShape
{
    public const int CoresMax = 1_000_000;
    public const int RetriesMaxMax = 100;

    public TaskDemand Demand { get; init; } = new(1);

    /// <summary>Higher goes first.</summary>
    public int Priority { get; init; }

    /// <summary>The longest time of one attempt; null: no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Attempts after the first, 0 to 100. Only failures of the task use them: a lost node and a request to leave do not.</summary>
    public int RetriesMax { get; init; }
}
