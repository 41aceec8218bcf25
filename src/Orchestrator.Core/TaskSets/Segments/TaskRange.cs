using System.Text.Json.Serialization;

namespace Orchestrator.Core.TaskSets.Segments;

/// <summary>Numbers of tasks that follow each other, both ends included.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-range")]
public readonly record struct TaskRange
{
    public TaskRange(int first, int last)
    {
        First = first;
        Last = last;
    }

    [Id(0)] public int First { get; init; }

    [Id(1)] public int Last { get; init; }

    [JsonIgnore]
    public int Count => Last - First + 1;
}
