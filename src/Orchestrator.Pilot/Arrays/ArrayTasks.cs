using System.Collections.Immutable;
using Orchestrator.Core.TaskSets;
using Orchestrator.Core.TaskSets.Segments;
using Orchestrator.Pilot.Files;

namespace Orchestrator.Pilot.Arrays;

/// <summary>The tasks of a stage as a node runs them, by their numbers.</summary>
internal sealed class ArrayTasks
{
    private readonly TaskSetDefinition set;
    private readonly Dictionary<TaskGroup, TaskShape> shapes = new(ReferenceEqualityComparer.Instance);
    private readonly bool hasPriorities;

    public ArrayTasks(TaskSetDefinition set)
    {
        this.set = set;
        foreach (var group in set.Groups)
        {
            shapes[group] = new() { Demand = new(group.Cores, group.Gpus, group.Memory), Priority = group.Priority, Timeout = group.Timeout, RetriesMax = group.RetriesMax };
        }

        hasPriorities = set.Groups.Select(static group => group.Priority).Distinct().Count() > 1;
    }

    /// <summary>A batch is of numbers; its order is that of priorities.</summary>
    public IEnumerable<int> InOrder(ImmutableArray<TaskRange> batch) =>
        hasPriorities ? TaskRanges.Numbers(batch).OrderByDescending(number => set.At(number).Group.Priority) : TaskRanges.Numbers(batch);

    public TaskDefinition At(int number)
    {
        var (group, index) = set.At(number);
        return new()
        {
            Id = index is { } one ? TaskIndices.NameOf(group.Name, one) : group.Name,
            Command = Of(group.Run),
            Shape = shapes[group],
            Workdir = group.Workdir is { } folder ? Of(folder) : null,
            Environment = [.. group.Environment.Select(variable => KeyValuePair.Create(variable.Key, Of(variable.Value)))],
        };

        string Of(string text) => index is { } of ? TaskIndices.Fill(text, of) : text;
    }
}
