using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Serialization;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.TaskSets.Segments;

/// <summary>
/// The tasks of a stage that is an array. They are numbered from 0 in the order of their groups, and kept in segments of <see cref="SegmentSize"/>. One or more workers, each an
/// attempt of a stage like any other, take them in batches. Of several workers the first one holds the groups for all (<see cref="Whole"/>): a definition is stored whole with each change.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-set-definition")]
public sealed record TaskSetDefinition
{
    public const int SegmentSize = 10_000;
    public const int TasksMax = 10_000_000;
    public const int GroupsMax = 1_000;

    /// <summary>With their barrier they are as many stages as a simulation may have.</summary>
    public const int WorkersMax = 999;

    /// <summary>Of names, commands, folders and environments.</summary>
    public const int BytesMax = 2 << 20;

    /// <summary>The shell line that the agent starts for a worker: a program that it puts on the path itself.</summary>
    public const string WorkerProgram = "orchestrator-tasks";

    /// <summary>More tasks have failed than may: the exit status of a worker.</summary>
    public const int TooManyFailed = 65;

    /// <summary>Its node is bad: the exit status of a worker that says <see cref="BadNodeWords"/> last, by which the failure is laid to its node, and the next attempt goes elsewhere.</summary>
    public const int BadNode = 66;

    public const string BadNodeWords = "tasks fail on this node that others complete";

    /// <summary>The stage as its author named it: the workers of one set have names of their own.</summary>
    [Id(0)] public string Set { get; init; } = "";

    [Id(1)] public ImmutableArray<TaskGroup> Groups { get; init; } = [];

    [Id(2)] public int Workers { get; init; } = 1;

    /// <summary>Which of them this is, from 1.</summary>
    [Id(3)] public int Worker { get; init; } = 1;

    /// <summary>The stage completes with so many failed tasks.</summary>
    [Id(4)] public int FailuresMax { get; init; }

    /// <summary>Of names, commands, folders and environments.</summary>
    [JsonIgnore]
    public long Bytes => Groups.Sum(static group => (long)Size(group.Name) + Size(group.Run) + Size(group.Workdir) + group.Environment.Sum(static pair => Size(pair.Key) + Size(pair.Value)));

    [JsonIgnore]
    public int Count => Groups.Sum(static group => group.Count);

    [JsonIgnore]
    public int Segments => (Count + SegmentSize - 1) / SegmentSize;

    public TaskRange NumbersOf(int segment) => new(segment * SegmentSize, Math.Min((segment + 1) * SegmentSize, Count) - 1);

    /// <summary>The task of a number, and its index where its group has any.</summary>
    public (TaskGroup Group, int? Index) At(int number)
    {
        var first = 0;
        foreach (var group in Groups)
        {
            if (number < first + group.Count)
            {
                return (group, group.Indices is { } indices ? indices.First + number - first : null);
            }

            first += group.Count;
        }

        throw new ArgumentOutOfRangeException(nameof(number), number, $"There are {first} tasks.");
    }

    public string NameOf(int number)
    {
        var (group, index) = At(number);
        return index is { } one ? TaskIndices.NameOf(group.Name, one) : group.Name;
    }

    /// <summary>What a segment needs to know of its tasks.</summary>
    public ImmutableArray<TaskRow> RowsOf(int segment)
    {
        var (numbers, rows, first) = (NumbersOf(segment), ImmutableArray.CreateBuilder<TaskRow>(), 0);
        foreach (var group in Groups)
        {
            var (from, until) = (Math.Max(first, numbers.First), Math.Min(first + group.Count - 1, numbers.Last));
            if (from <= until)
            {
                rows.Add(new() { First = from, Last = until, Cores = group.Cores, Gpus = group.Gpus, Memory = group.Memory, Priority = group.Priority, RetriesMax = group.RetriesMax });
            }

            first += group.Count;
        }

        return rows.ToImmutable();
    }

    /// <summary>With another text wherever a shell or a program sees one.</summary>
    public TaskSetDefinition Map(Func<string, string> text) => this with
    {
        Groups = [.. Groups.Select(group => group with
        {
            Run = text(group.Run),
            Workdir = group.Workdir is { } folder ? text(folder) : null,
            Environment = group.Environment.ToImmutableSortedDictionary(static pair => pair.Key, pair => text(pair.Value)),
        })],
    };

    /// <summary>The tasks of a stage with their groups, which another worker of the same set may hold; null: it has none.</summary>
    /// <param name="stages">Of the simulation.</param>
    /// <param name="stage">One of them.</param>
    public static TaskSetDefinition? Whole(ImmutableArray<StageDefinition> stages, StageDefinition stage) => stage.Tasks is not { Groups.IsDefaultOrEmpty: true } tasks
        ? stage.Tasks
        : tasks with { Groups = stages.FirstOrDefault(other => other.Tasks is { Groups.IsDefaultOrEmpty: false } whole && whole.Set == tasks.Set)?.Tasks!.Groups ?? [] };

    /// <summary>What is wrong with it, as a sentence that names the field; null: nothing.</summary>
    /// <param name="resources">Of one worker.</param>
    /// <param name="walltime">Of one attempt of a worker; null: no limit.</param>
    public string? Problem(ResourceRequest resources, TimeSpan? walltime)
    {
        var (cores, gpus, memory) = (resources.CoresPerNode, resources.GpusPerNode, resources.MemoryPerNode);
        if (resources.Nodes > 1)
        {
            return "nodes: a worker of tasks has one; more workers take more nodes.";
        }

        if (Groups.IsDefaultOrEmpty || Groups.Length > GroupsMax)
        {
            return $"tasks: 1 to {GroupsMax} entries are needed.";
        }

        if (Workers is < 1 or > WorkersMax || Worker < 1 || Worker > Workers || FailuresMax < 0 || Set.Length == 0)
        {
            return $"tasks: 1 to {WorkersMax} workers, at least 0 failures, and a name are needed.";
        }

        if (Groups.Sum(static group => (long)group.Count) > TasksMax)
        {
            return $"tasks: at most {TasksMax} are allowed.";
        }

        if (Bytes > BytesMax)
        {
            return $"tasks: their names, commands and environments have {Bytes} bytes; at most {BytesMax} are allowed, and what is longer fits into a script that they run.";
        }

        foreach (var group in Groups)
        {
            if (group.Indices is { First: < 0 } or { Count: < 1 or > TaskIndices.CountMax } || group.Name.Length == 0 || string.IsNullOrWhiteSpace(group.Run))
            {
                return $"tasks.{group.Name}: a name, a command and indices from 0 are needed.";
            }

            if (group.Cores < 1 || group.Gpus < 0 || group.Memory < 0 || group.RetriesMax is < 0 or > TaskShape.RetriesMaxMax || group.Timeout <= TimeSpan.Zero)
            {
                return $"tasks.{group.Name}: at least 1 core, 0 to {TaskShape.RetriesMaxMax} retries, and a timeout above 0 are needed.";
            }

            if (group.Cores > cores || group.Gpus > gpus || group.Memory > memory)
            {
                return $"tasks.{group.Name}: it needs {group.Cores} cores, {group.Gpus} GPUs and {group.Memory >> 20} MiB, and its stage has {cores}, {gpus} and {(memory > 0 ? $"{memory >> 20} MiB" : "no memory declared")} for one worker.";
            }

            if (group.Timeout >= walltime)
            {
                return $"tasks.{group.Name}: its timeout is {group.Timeout} and the walltime of its stage {walltime}: a timeout below the walltime is needed, or it is begun again for ever.";
            }
        }

        return null;
    }

    private static int Size(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);
}
