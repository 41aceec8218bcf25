using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Orchestrator.Core.TaskSets;
using Orchestrator.Core.TaskSets.Segments;
using Orchestrator.Core.Workflows;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions;

/// <summary>Reads the tasks of a stage: one entry that stands for many, or a list of them.</summary>
/// <param name="placeholders">What may stand in braces.</param>
/// <param name="resources">What one worker has.</param>
/// <param name="walltime">Of one attempt of a worker; null: no limit.</param>
/// <param name="problems">Gets what is wrong.</param>
internal sealed class TaskSetReader(Placeholders placeholders, ResourceRequest resources, TimeSpan? walltime, ProblemList problems)
{
    private const string Command = "a shell line";
    private const string IdAllowed = "1 to 200 bytes of text, which names a folder: no /, and neither . nor ..";

    /// <summary>How many workers are asked for; what is wrong with it is told when the tasks are read.</summary>
    public static int WorkersOf(YamlNode stage) =>
        stage is YamlMappingNode mapping && mapping.Children.TryGetValue(new YamlScalarNode("tasks"), out var tasks) && tasks is YamlMappingNode inner
        && inner.Children.TryGetValue(new YamlScalarNode("workers"), out var workers) && workers is YamlScalarNode { Value: { } text }
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 1 and <= TaskSetDefinition.WorkersMax
            ? count
            : 1;

    /// <param name="parent">The stage.</param>
    /// <param name="stage">Its name.</param>
    /// <returns>Null: it has none.</returns>
    public TaskSetDefinition? Read(MappingReader parent, string stage)
    {
        if (parent.Value("tasks") is not { } node)
        {
            return null;
        }

        var reader = new MappingReader(node, parent.PathOf("tasks"), problems, CampaignKeys.Tasks);
        var groups = ImmutableArray.CreateBuilder<TaskGroup>();
        if (reader.Value("file") is not null)
        {
            reader.Refuse("file", "a file of tasks is read by the command that submits, on the machine where the file is", "a list; or `orchestrator submit`, `run` and `validate`");
        }
        else if (reader.Value("list") is { } list)
        {
            foreach (var key in CampaignKeys.OneTask.Add("run").Where(key => reader.Value(key) is not null))
            {
                reader.Refuse(key, "with a list it is of each entry", "in the entries of the list");
            }

            ReadList(reader, list, stage, groups);
        }
        else
        {
            reader.Require("run", Command);
            if (reader.Value("count") is null && reader.Value("range") is null && node is YamlMappingNode)
            {
                reader.Refuse("count", "neither \"count\" nor \"range\" is there", "one of them, or a list");
            }

            groups.Add(ReadOne(reader, "run", stage, stage));
        }

        if (groups.Sum(static group => (long)group.Count) > TaskSetDefinition.TasksMax)
        {
            parent.Refuse("tasks", $"there are {groups.Sum(static group => (long)group.Count)} tasks", $"at most {TaskSetDefinition.TasksMax}");
        }

        return new()
        {
            Set = stage,
            Groups = groups.ToImmutable(),
            Workers = reader.Count("workers", 1, TaskSetDefinition.WorkersMax, 1),
            FailuresMax = reader.Count("max_failures", 0, TaskSetDefinition.TasksMax, 0),
        };
    }

    private void ReadList(MappingReader parent, YamlNode node, string stage, ImmutableArray<TaskGroup>.Builder groups)
    {
        if (node is not YamlSequenceNode { Children: { Count: > 0 and <= TaskSetDefinition.GroupsMax } entries })
        {
            parent.Refuse("list", node is YamlSequenceNode given ? $"it has {given.Children.Count} entries" : "it is no list", $"1 to {TaskSetDefinition.GroupsMax} tasks, each with id and command");
            return;
        }

        var ranges = new Dictionary<string, TaskIndices?>(StringComparer.Ordinal);
        for (var index = 0; index < entries.Count; index++)
        {
            var reader = new MappingReader(entries[index], $"{parent.PathOf("list")}[{index}]", problems, CampaignKeys.ListedTask);
            reader.Require("id", IdAllowed);
            reader.Require("command", Command);
            var id = reader.Text("id", IdAllowed) ?? $"unnamed-{index}";
            if (id is "." or ".." || id.Contains('/', StringComparison.Ordinal) || id.Any(char.IsControl) || Encoding.UTF8.GetByteCount(id) > 200)
            {
                reader.Refuse("id", $"\"{id}\" cannot name a task", IdAllowed);
            }

            var group = ReadOne(reader, "command", id, stage);
            if (!ranges.TryAdd(id, group.Indices) || (group.Indices is null && IsIn(ranges, id)))
            {
                reader.Refuse("id", $"\"{id}\" is the id of an earlier task too", "an id that no other task has");
            }

            groups.Add(group);
        }

        // One that comes behind may be of the names of one before, too.
        foreach (var (group, index) in groups.Select(static (group, index) => (group, index)).Where(static pair => pair.group.Indices is null))
        {
            if (groups.Take(index).All(earlier => earlier.Name != group.Name) && groups.Skip(index + 1).Any(later => later.Indices is { } indices && Is(group.Name, later.Name, indices)))
            {
                problems.Add(entries[index], $"{parent.PathOf("list")}[{index}].id", $"\"{group.Name}\" is one of the ids of a later entry too", "an id that no other task has");
            }
        }
    }

    private TaskGroup ReadOne(MappingReader reader, string command, string name, string stage)
    {
        var indices = ReadIndices(reader);
        ReadOnlySpan<string> also = indices is null ? [] : ["index"];
        var group = new TaskGroup
        {
            Name = name,
            Indices = indices,
            Run = placeholders.Text(reader, command, Command, stage, also) ?? "",
            Cores = reader.Count("cores", 1, TaskShape.CoresMax, 1),
            Gpus = reader.Count("gpus", 0, 10_000, 0),
            Memory = reader.Size("memory", 0),
            Timeout = reader.Duration("timeout", null),
            RetriesMax = reader.Count("max_retries", 0, TaskShape.RetriesMaxMax, 0),
            Priority = ReadPriority(reader),
            Workdir = placeholders.Text(reader, "workdir", "a folder", stage, also),
            Environment = ReadEnvironment(reader, stage, also),
        };
        Fits(reader, "cores", group.Cores, resources.CoresPerNode, "cores");
        Fits(reader, "gpus", group.Gpus, resources.GpusPerNode, "GPUs");
        if (group.Memory > resources.MemoryPerNode)
        {
            var (there, allowed) = resources.MemoryPerNode > 0 ? ($"{resources.MemoryPerNode >> 20}M", $"at most the stage's memory, {resources.MemoryPerNode >> 20}M") : ("no memory", "a \"memory\" of the stage that is at least as much");
            reader.Refuse("memory", $"a task needs {group.Memory >> 20}M, and its stage has {there} for one worker", allowed);
        }

        if (group.Timeout >= walltime)
        {
            reader.Refuse("timeout", $"it is {group.Timeout}, and the walltime of the stage {walltime}: a task that needs it all would be begun again for ever", "less than the walltime of the stage");
        }

        return group;
    }

    private static void Fits(MappingReader reader, string key, int wanted, int there, string what)
    {
        if (wanted > there)
        {
            reader.Refuse(key, $"a task needs {wanted} {what}, and its stage has {there} for one worker", key == "cores" ? "at most ranks_per_node x threads of the stage" : "at most the gpus of the stage");
        }
    }

    private static TaskIndices? ReadIndices(MappingReader reader)
    {
        TaskIndices? counted = reader.Value("count") is null ? null : new(1, reader.Count("count", 1, TaskIndices.CountMax, 1));
        if (reader.Text("range", TaskIndices.Allowed) is not { } text)
        {
            return counted;
        }

        if (counted is not null)
        {
            reader.Refuse("range", "count and range are given", "one of them");
        }

        if (TaskIndices.TryParse(text, out var indices, out var problem))
        {
            return indices;
        }

        reader.Refuse("range", problem, TaskIndices.Allowed);
        return new(0, 1);
    }

    private static int ReadPriority(MappingReader reader)
    {
        const string Allowed = "a whole number; higher goes first";
        if (reader.Text("priority", Allowed) is not { } text)
        {
            return 0;
        }

        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var priority))
        {
            return priority;
        }

        reader.Refuse("priority", $"\"{text}\" is no whole number", Allowed);
        return 0;
    }

    private ImmutableSortedDictionary<string, string> ReadEnvironment(MappingReader parent, string stage, ReadOnlySpan<string> also)
    {
        var variables = ImmutableSortedDictionary.CreateBuilder<string, string>();
        if (parent.Value("env") is not { } node)
        {
            return variables.ToImmutable();
        }

        var reader = new MappingReader(node, parent.PathOf("env"), problems, null);
        foreach (var key in reader.Keys)
        {
            if (key.Contains('=', StringComparison.Ordinal) || key.StartsWith("ORCHESTRATOR_", StringComparison.Ordinal))
            {
                problems.Add(reader.Key(key), reader.PathOf(key), $"\"{key}\" cannot be set", "a name without =, not starting with ORCHESTRATOR_");
            }
            else if (reader.Value(key) is YamlScalarNode { Value: "" })
            {
                variables[key] = "";
            }
            else if (placeholders.Text(reader, key, "a text", stage, also) is { } value)
            {
                variables[key] = value;
            }
        }

        return variables.ToImmutable();
    }

    /// <summary>Whether a name is one of those that an earlier entry stands for.</summary>
    private static bool IsIn(Dictionary<string, TaskIndices?> ranges, string name) =>
        name.LastIndexOf('-') is > 0 and var dash && ranges.TryGetValue(name[..dash], out var range) && range is { } indices && Is(name, name[..dash], indices);

    private static bool Is(string name, string of, TaskIndices indices) =>
        name.Length > of.Length + 1 && name.StartsWith(of, StringComparison.Ordinal) && name[of.Length] == '-'
        && int.TryParse(name.AsSpan(of.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index) && TaskIndices.NameOf(of, index) == name
        && index >= indices.First && index < indices.First + indices.Count;
}
