using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.TaskSets;
using Orchestrator.Definitions;

namespace Orchestrator.Pilot.Files;

/// <summary>The fields of one task while it is read.</summary>
internal sealed class TaskFields
{
    public const string IdAllowed = "1 to 200 bytes of text, which names a folder: no /, and neither . nor ..";
    public const int IdBytesMax = 200;
    public const string CommandAllowed = "a shell line";

    private const double TimeoutMax = 36500 * 86400.0;

    private int cores = 1, gpus, priority, retries;
    private long memory;
    private TimeSpan? timeout;
    private string? workdir, tags;
    private List<KeyValuePair<string, string>>? environment;
    private List<string>? after;
    private TaskIndices? counted, ranged;

    public string? Id { get; private set; }

    public string? Command { get; private set; }

    /// <summary>Those of many tasks that are written down as one; null: it is one task.</summary>
    public TaskIndices? Indices => ranged ?? counted;

    /// <summary>Told twice over which indices it goes.</summary>
    public bool HasTwoRanges => ranged is not null && counted is not null;

    public TaskShape Shape() => new() { Demand = new(cores, gpus, memory), Priority = priority, Timeout = timeout, RetriesMax = retries };

    public TaskDefinition ToDefinition(TaskShape shape) => new()
    {
        Id = Id ?? "", Command = Command ?? "", Shape = shape, Workdir = workdir, Tags = tags, Environment = environment is null ? [] : environment, After = after is null ? [] : after,
    };

    /// <summary>One of many.</summary>
    public TaskDefinition ToDefinition(TaskShape shape, int index) => ToDefinition(shape) with
    {
        Id = TaskIndices.NameOf(Id ?? "", index),
        Command = TaskIndices.Fill(Command ?? "", index),
        Workdir = workdir is null ? null : TaskIndices.Fill(workdir, index),
        Environment = environment is null ? []
            : environment.Exists(static variable => variable.Value.Contains(TaskIndices.Placeholder, StringComparison.Ordinal))
                ? [.. environment.Select(variable => KeyValuePair.Create(variable.Key, TaskIndices.Fill(variable.Value, index)))]
                : environment,
    };

    /// <summary>Reads the value that the reader stands on; a value of many tokens is read to its end, unless there is a problem with it.</summary>
    public Problem? Read(string name, ref Utf8JsonReader reader) => name switch
    {
        "id" => ReadId(ref reader),
        "command" => ReadCommand(ref reader),
        "cores" => Whole(ref reader, 1, TaskShape.CoresMax, out cores, 1),
        "gpus" => Whole(ref reader, 0, 10_000, out gpus, 0),
        "priority" => Whole(ref reader, int.MinValue, int.MaxValue, out priority, 0),
        "max_retries" => Whole(ref reader, 0, TaskShape.RetriesMaxMax, out retries, 0),
        "memory" => ReadMemory(ref reader),
        "timeout" => ReadTimeout(ref reader),
        "workdir" => ReadWorkdir(ref reader),
        "env" => ReadEnvironment(ref reader),
        "tags" => ReadTags(ref reader),
        "count" => ReadCount(ref reader),
        "range" => ReadRange(ref reader),
        _ => ReadAfter(ref reader),
    };

    private Problem? ReadId(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return new($"is {TaskFile.Kind(reader.TokenType)}", IdAllowed);
        }

        var id = reader.GetString()!;
        if (id is "" or "." or ".." || id.Contains('/', StringComparison.Ordinal) || id.Any(char.IsControl) || Encoding.UTF8.GetByteCount(id) > IdBytesMax)
        {
            return new($"\"{id}\" cannot name a task", IdAllowed);
        }

        Id = id;
        return null;
    }

    private Problem? ReadCommand(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return new($"is {TaskFile.Kind(reader.TokenType)}", CommandAllowed);
        }

        var command = reader.GetString()!;
        if (string.IsNullOrWhiteSpace(command) || command.Contains('\0', StringComparison.Ordinal))
        {
            return new("is empty, or has a NUL in it", CommandAllowed);
        }

        Command = command;
        return null;
    }

    private Problem? ReadCount(ref Utf8JsonReader reader)
    {
        var problem = Whole(ref reader, 1, TaskIndices.CountMax, out var count, 0);
        counted = problem is null ? new(1, count) : null;
        return problem;
    }

    private Problem? ReadRange(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return new($"is {TaskFile.Kind(reader.TokenType)}", TaskIndices.Allowed);
        }

        if (!TaskIndices.TryParse(reader.GetString()!, out var indices, out var problem))
        {
            return new(problem, TaskIndices.Allowed);
        }

        ranged = indices;
        return null;
    }

    private Problem? ReadMemory(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var megabytes) && megabytes is >= 1 and <= (1L << 40))
        {
            memory = megabytes << 20;
            return null;
        }

        const string allowed = $"{SizeText.Allowed}; or a whole number of MiB";
        return reader.TokenType != JsonTokenType.String ? new($"is {TaskFile.Kind(reader.TokenType)} that is no size", allowed)
            : SizeText.TryParse(reader.GetString()!, out memory, out var problem) ? null : new(problem, allowed);
    }

    private Problem? ReadTimeout(ref Utf8JsonReader reader)
    {
        const string allowed = $"seconds above zero as a number; or {DurationText.Allowed}";
        if (reader.TokenType == JsonTokenType.Number)
        {
            if (!reader.TryGetDouble(out var seconds) || !(seconds is > 0 and <= TimeoutMax))
            {
                return new($"{Encoding.UTF8.GetString(reader.ValueSpan)} is not above zero and at most 36500 days", allowed);
            }

            timeout = TimeSpan.FromSeconds(seconds);
            return null;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            return new($"is {TaskFile.Kind(reader.TokenType)}", allowed);
        }

        if (!DurationText.TryParse(reader.GetString()!, out var duration, out var problem))
        {
            return new(problem, allowed);
        }

        timeout = duration;
        return null;
    }

    private Problem? ReadWorkdir(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String || reader.GetString() is not { Length: > 0 } folder || folder.Contains('\0', StringComparison.Ordinal))
        {
            return new(reader.TokenType == JsonTokenType.String ? "is empty, or has a NUL in it" : $"is {TaskFile.Kind(reader.TokenType)}", "a folder");
        }

        workdir = folder;
        return null;
    }

    private Problem? ReadEnvironment(ref Utf8JsonReader reader)
    {
        const string allowed = "an object of names and texts or numbers; names are not empty and have no =";
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return new($"is {TaskFile.Kind(reader.TokenType)}", allowed);
        }

        environment = [];
        Problem? first = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var value = reader.TokenType switch
            {
                JsonTokenType.String => reader.GetString()!,
                JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
                JsonTokenType.True => "true",
                JsonTokenType.False => "false",
                _ => null,
            };
            if (value is null || name.Length == 0 || name.Contains('=', StringComparison.Ordinal) || name.Contains('\0', StringComparison.Ordinal) || value.Contains('\0', StringComparison.Ordinal))
            {
                first ??= new(value is null ? $"is {TaskFile.Kind(reader.TokenType)}" : "has a name or a value that no environment can have", allowed, name);
                reader.Skip();
                continue;
            }

            environment.Add(new(name, value));
        }

        return first;
    }

    private Problem? ReadTags(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return new($"is {TaskFile.Kind(reader.TokenType)}", "an object, or a list");
        }

        using var document = JsonDocument.ParseValue(ref reader);
        tags = document.RootElement.ValueKind == JsonValueKind.Object && !document.RootElement.EnumerateObject().Any() ? null : JsonSerializer.Serialize(document.RootElement);
        return null;
    }

    private Problem? ReadAfter(ref Utf8JsonReader reader)
    {
        const string allowed = "the id of a task, or a list of ids";
        if (reader.TokenType == JsonTokenType.String)
        {
            after = [reader.GetString()!];
            return null;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return new($"is {TaskFile.Kind(reader.TokenType)}", allowed);
        }

        after = [];
        Problem? first = null;
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                var id = reader.GetString()!;
                if (!after.Contains(id) || after.Count > 100)
                {
                    after.Add(id);
                }
            }
            else
            {
                first ??= new($"is {TaskFile.Kind(reader.TokenType)}", allowed, index.ToString(CultureInfo.InvariantCulture));
                reader.Skip();
            }
        }

        after = after.Count > 100 ? [.. after.Distinct()] : after;
        return first;
    }

    private static Problem? Whole(ref Utf8JsonReader reader, int least, int most, out int value, int usual)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out value) && value >= least && value <= most)
        {
            return null;
        }

        value = usual;
        var given = reader.TokenType == JsonTokenType.Number ? Encoding.UTF8.GetString(reader.ValueSpan) : TaskFile.Kind(reader.TokenType);
        return new($"is {given}", least == int.MinValue ? "a whole number" : $"a whole number from {least} to {most}");
    }

    internal sealed record Problem(string Message, string Allowed, string? At = null);
}
