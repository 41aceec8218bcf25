using System.Text;
using System.Text.Json;
using Orchestrator.Core.TaskSets;
using Orchestrator.Definitions;

namespace Orchestrator.Pilot.Files;

/// <summary>Reads tasks: a JSON list of them, an object with the list <c>tasks</c>, or one task. Every mistake is told at once, with line and field.</summary>
internal sealed class TaskFile
{
    /// <summary>Names of the fields, as the file has them.</summary>
    public static readonly IReadOnlyList<string> Fields = ["id", "command", "cores", "gpus", "memory", "timeout", "priority", "max_retries", "workdir", "env", "tags", "after", "count", "range"];

    /// <summary>All ranges of one file together.</summary>
    private const int TasksMax = 10_000_000;

    private readonly List<TaskDefinition> tasks = [];
    private readonly List<long> positions = [];
    private readonly List<(long Position, string Path, string Message, string Allowed)> problems = [];
    private readonly List<(long Position, string Path, string Message, string Allowed)> warnings = [];

    // Equal shapes are one object.
    private readonly Dictionary<TaskShape, TaskShape> shapes = [];

    /// <param name="json">UTF-8.</param>
    /// <param name="isKnown">Whether a task is there already, so that others may wait for it.</param>
    /// <param name="refusal">Why no node could ever run such a task; null: one can.</param>
    public static TaskFileReading Read(ReadOnlySpan<byte> json, Func<string, bool>? isKnown = null, Func<TaskDemand, string?>? refusal = null)
    {
        var file = new TaskFile();
        json = json.StartsWith("\uFEFF"u8) ? json[3..] : json;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        try
        {
            file.ReadRoot(ref reader);
        }
        catch (JsonException fault)
        {
            return new()
            {
                Problems = [.. InOrder(json, file.problems), new() { Line = (fault.LineNumber ?? 0) + 1, Column = (fault.BytePositionInLine ?? 0) + 1, Message = $"not JSON: {Reason(fault)}", Allowed = "a list of tasks, or an object with the list \"tasks\"" }],
            };
        }
        catch (Exception fault) when (fault is InvalidOperationException or ArgumentException)
        {
            // The reader finds wrong text only when it is asked for the text.
            file.problems.Add((reader.TokenStartIndex, "", "is no Unicode text", "valid UTF-8, and \\u escapes in which surrogates come in pairs"));
            return new() { Problems = InOrder(json, file.problems) };
        }

        file.CheckTogether(isKnown, refusal);
        return new()
        {
            Tasks = file.problems.Count == 0 ? file.tasks : [],
            Problems = InOrder(json, file.problems),
            Warnings = InOrder(json, file.warnings),
        };
    }

    /// <summary>Reads what <see cref="TaskDefinition.ToJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is no such text.</exception>
    public static TaskDefinition ReadStored(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var task = new TaskFields();
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // What every task has needs no new text.
            var name = reader.ValueTextEquals("id"u8) ? "id" : reader.ValueTextEquals("command"u8) ? "command" : reader.GetString()!;
            reader.Read();
            if (task.Read(name, ref reader) is { } problem)
            {
                throw new InvalidDataException($"A stored task has a {name} that {problem.Message}.");
            }
        }

        return task.ToDefinition(task.Shape());
    }

    private static string Reason(JsonException fault)
    {
        var end = fault.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? fault.Message : fault.Message[..end]).TrimEnd('.');
    }

    private void ReadRoot(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            ReadList(ref reader);
        }
        else if (reader.TokenType == JsonTokenType.StartObject)
        {
            ReadObject(ref reader);
        }
        else
        {
            Problem(reader, "", $"{Kind(reader.TokenType)} is no list of tasks", "a list of tasks, or an object with the list \"tasks\"");
            reader.Skip();
        }

        // What follows the value is a mistake, which the reader finds.
        while (reader.Read())
        {
        }
    }

    private void ReadObject(ref Utf8JsonReader reader)
    {
        // A task has a command; a file has tasks.
        var look = reader;
        var (hasTasks, hasTask) = (false, false);
        while (look.Read() && look.TokenType == JsonTokenType.PropertyName)
        {
            hasTasks |= look.ValueTextEquals("tasks"u8);
            hasTask |= look.ValueTextEquals("id"u8) || look.ValueTextEquals("command"u8);
            look.Read();
            look.Skip();
        }

        if (!hasTasks && hasTask)
        {
            ReadTask(ref reader, "task");
            return;
        }

        if (!hasTasks)
        {
            Problem(reader, "", "there is no list \"tasks\"", "a list of tasks, or an object with the list \"tasks\"");
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals("tasks"u8))
            {
                warnings.Add((reader.TokenStartIndex, reader.GetString()!, "unknown field, read over", "tasks"));
                reader.Read();
                reader.Skip();
                continue;
            }

            reader.Read();
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                ReadList(ref reader);
            }
            else
            {
                Problem(reader, "tasks", $"{Kind(reader.TokenType)} is no list", "a list of tasks");
                reader.Skip();
            }
        }
    }

    private void ReadList(ref Utf8JsonReader reader)
    {
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadTask(ref reader, $"tasks[{index}]");
            }
            else
            {
                Problem(reader, $"tasks[{index}]", $"{Kind(reader.TokenType)} is no task", "an object with at least id and command");
                reader.Skip();
            }
        }
    }

    private void ReadTask(ref Utf8JsonReader reader, string path)
    {
        var start = reader.TokenStartIndex;
        var task = new TaskFields();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            var at = reader.TokenStartIndex;
            reader.Read();
            if (!Fields.Contains(name))
            {
                warnings.Add((at, $"{path}.{name}", $"unknown field, read over; the nearest is {Nearest.To(name, Fields)}", string.Join(", ", Fields)));
                reader.Skip();
            }
            else if (reader.TokenType == JsonTokenType.Null && name is not ("id" or "command"))
            {
                // As absent: what writes all fields writes null for those without a value.
            }
            else if (task.Read(name, ref reader) is { } problem)
            {
                Problem(reader, problem.At is null ? $"{path}.{name}" : $"{path}.{name}.{problem.At}", problem.Message, problem.Allowed);
                reader.Skip();
            }
        }

        if (task.Id is null && !problems.Exists(problem => problem.Path == $"{path}.id"))
        {
            problems.Add((start, $"{path}.id", "is missing", TaskFields.IdAllowed));
        }

        if (task.Command is null && !problems.Exists(problem => problem.Path == $"{path}.command"))
        {
            problems.Add((start, $"{path}.command", "is missing", TaskFields.CommandAllowed));
        }

        var shape = task.Shape();
        if (!shapes.TryGetValue(shape, out var known))
        {
            shapes.Add(shape, known = shape);
        }

        if (task.HasTwoRanges)
        {
            problems.Add((start, $"{path}.range", "count and range are given", "one of them"));
        }

        if (task.Indices is not { } indices || task.Id is null)
        {
            tasks.Add(task.ToDefinition(known));
            positions.Add(start);
            return;
        }

        const int SuffixMax = 11;
        if (Encoding.UTF8.GetByteCount(task.Id) > TaskFields.IdBytesMax - SuffixMax)
        {
            problems.Add((start, $"{path}.id", "is too long to be followed by an index", $"at most {TaskFields.IdBytesMax - SuffixMax} bytes"));
            return;
        }

        if (tasks.Count + indices.Count > TasksMax)
        {
            problems.Add((start, path, $"with it there are {(long)tasks.Count + indices.Count} tasks", $"at most {TasksMax} in one file"));
            return;
        }

        for (var place = 0; place < indices.Count; place++)
        {
            tasks.Add(task.ToDefinition(known, indices.First + place));
            positions.Add(start);
        }
    }

    private void CheckTogether(Func<string, bool>? isKnown, Func<TaskDemand, string?>? refusal)
    {
        var numbers = new Dictionary<string, int>(tasks.Count, StringComparer.Ordinal);
        var refused = new Dictionary<TaskDemand, string?>();
        var hasAfter = false;
        var (toldTwice, toldTooLarge) = (-1L, -1L);
        for (var number = 0; number < tasks.Count; number++)
        {
            var task = tasks[number];
            hasAfter |= task.After.Count > 0;

            // Of many that were written down as one, one is told.
            if (task.Id.Length > 0 && !numbers.TryAdd(task.Id, number) && toldTwice != positions[number])
            {
                toldTwice = positions[number];
                problems.Add((positions[number], $"{task.Id}.id", $"\"{task.Id}\" is the id of an earlier task too", "an id that no other task has"));
            }

            if (refusal is not null)
            {
                if (!refused.TryGetValue(task.Shape.Demand, out var why))
                {
                    refused.Add(task.Shape.Demand, why = refusal(task.Shape.Demand));
                }

                if (why is not null && toldTooLarge != positions[number])
                {
                    toldTooLarge = positions[number];
                    problems.Add((positions[number], task.Id, "needs more than any node has", why));
                }
            }
        }

        if (!hasAfter)
        {
            return;
        }

        var edges = new List<(int Predecessor, int Successor)>();
        for (var number = 0; number < tasks.Count; number++)
        {
            foreach (var predecessor in tasks[number].After)
            {
                if (numbers.TryGetValue(predecessor, out var before))
                {
                    edges.Add((before, number));
                }
                else if ((number == 0 || positions[number] != positions[number - 1]) && (isKnown is null || !isKnown(predecessor)))
                {
                    var nearest = Nearest.To(predecessor, numbers.Count <= 10_000 ? numbers.Keys : []);
                    problems.Add((positions[number], $"{tasks[number].Id}.after", $"there is no task \"{predecessor}\"", nearest.Length > 0 ? $"ids of tasks; the nearest is {nearest}" : "ids of tasks"));
                }
            }
        }

        foreach (var cycle in TaskCycles.Find(tasks.Count, edges))
        {
            problems.Add((positions[cycle[0]], $"{tasks[cycle[0]].Id}.after", $"tasks wait for each other: {string.Join(" → ", cycle.Append(cycle[0]).Select(number => tasks[number].Id))}", "no cycle"));
        }
    }

    private void Problem(Utf8JsonReader reader, string path, string message, string allowed) => problems.Add((reader.TokenStartIndex, path, message, allowed));

    private static List<DefinitionProblem> InOrder(ReadOnlySpan<byte> json, List<(long Position, string Path, string Message, string Allowed)> found)
    {
        var ordered = new List<DefinitionProblem>(found.Count);
        var (line, lineStart, at) = (1L, 0, 0);
        foreach (var (position, path, message, allowed) in found.OrderBy(static problem => problem.Position))
        {
            for (; at < position; at++)
            {
                if (json[at] == (byte)'\n')
                {
                    line++;
                    lineStart = at + 1;
                }
            }

            ordered.Add(new() { Line = line, Column = position - lineStart + 1, Path = path, Message = message, Allowed = allowed });
        }

        return ordered;
    }

    internal static string Kind(JsonTokenType token) => token switch
    {
        JsonTokenType.StartArray => "a list",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.String => "text",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "true or false",
        _ => "null",
    };
}
