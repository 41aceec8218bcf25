using Orchestrator.Core.TaskSets;

namespace Orchestrator.Pilot.Nodes;

/// <summary>How tasks run on this machine.</summary>
internal sealed record LocalNodeOptions
{
    public string Name { get; init; } = "local";

    public TaskDemand Capacity { get; init; } = new(1);

    /// <summary>The numbers of its GPUs; null: from 0 on.</summary>
    public IReadOnlyList<int>? GpuNumbers { get; init; }

    /// <summary>Absolute: one folder for each task, or the packed output.</summary>
    public string Workdir { get; init; } = "";

    /// <summary>Marks the processes of this campaign in their environment.</summary>
    public string RunId { get; init; } = "";

    /// <summary>All output of tasks that ran after each other in one place goes to one pair of files.</summary>
    public bool IsPacked { get; init; }

    /// <summary>Number of its first slot for packed output: nodes that share a folder have numbers of their own.</summary>
    public int FirstSlot { get; init; }

    /// <summary>Each task has processors of its own.</summary>
    public bool IsPinned { get; init; } = true;

    /// <summary>Between asking a task to end and ending it.</summary>
    public TimeSpan KillAfter { get; init; } = TimeSpan.FromSeconds(5);

    public IReadOnlyCollection<KeyValuePair<string, string>> Environment { get; init; } = [];
}
