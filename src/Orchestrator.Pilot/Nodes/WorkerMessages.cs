using System.Text;
using System.Text.Json;
using Orchestrator.Core.TaskSets;
using Orchestrator.Pilot.Files;

namespace Orchestrator.Pilot.Nodes;

/// <summary>What a pilot and its workers on other nodes say to each other: a JSON value a line, with as many tasks in it as there are at that moment.</summary>
internal static class WorkerMessages
{
    /// <summary>Nothing more starts, and what runs is ended.</summary>
    public const string Stop = "{\"stop\":true}";

    /// <summary>A question, so that silence means something; the answer to it.</summary>
    public const string Ping = "{\"ping\":true}";

    public const string Alive = "{\"alive\":true}";

    /// <summary>The last word of a worker, or of the guard of its tasks: nothing of the campaign runs there any more.</summary>
    public const string Gone = "{\"gone\":true}";

    public static string Hello(TaskDemand capacity) => JsonSerializer.Serialize(new { hello = new { cores = capacity.Cores, gpus = capacity.Gpus, memory = capacity.Memory } });

    /// <summary>Null: the line is no greeting, as what a launcher or a shell prints of its own.</summary>
    public static TaskDemand? ReadHello(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("hello", out var hello)
                ? new(hello.GetProperty("cores").GetInt32(), hello.GetProperty("gpus").GetInt32(), hello.GetProperty("memory").GetInt64())
                : null;
        }
        catch (Exception broken) when (IsBroken(broken))
        {
            return null;
        }
    }

    public static string Start(IReadOnlyList<(TaskLease Lease, TaskDefinition Task)> tasks) => Write("start", tasks, static (json, start) =>
    {
        json.WriteNumber("task", start.Lease.Task);
        json.WriteNumber("serial", start.Lease.Serial);
        json.WriteNumber("attempt", start.Lease.Attempt);
        json.WritePropertyName("definition");
        json.WriteRawValue(start.Task.ToJson(), skipInputValidation: true);
    });

    /// <summary>Tasks to start.</summary>
    /// <exception cref="FormatException">No pilot says such a line.</exception>
    public static List<(TaskLease Lease, TaskDefinition Task)> ReadStart(string line) => Read(line, "start", static each => (
        new TaskLease { Task = each.GetProperty("task").GetInt32(), Serial = each.GetProperty("serial").GetInt64(), Attempt = each.GetProperty("attempt").GetInt32() },
        TaskFile.ReadStored(Encoding.UTF8.GetBytes(each.GetProperty("definition").GetRawText()))));

    public static string Ended(IReadOnlyList<TaskEnd> ends) => Write("ended", ends, static (json, end) =>
    {
        json.WriteNumber("serial", end.Lease.Serial);
        json.WriteNumber("outcome", (int)end.Outcome);
        json.WriteNumber("code", end.Code);
        json.WriteNumber("ticks", end.Duration.Ticks);
        if (end.Message is not null)
        {
            json.WriteString("message", end.Message);
        }

        if (end.Packed is { } packed)
        {
            json.WriteStartArray("packed");
            foreach (var number in (ReadOnlySpan<long>)[packed.Slot, packed.OutputFrom, packed.OutputLength, packed.ErrorFrom, packed.ErrorLength])
            {
                json.WriteNumberValue(number);
            }

            json.WriteEndArray();
        }
    });

    /// <summary>Ends; their leases have a serial only. None: the line says something else.</summary>
    /// <exception cref="FormatException">No worker says such a line.</exception>
    public static List<TaskEnd> ReadEnded(string line) => line is Alive or Gone ? [] : Read(line, "ended", static each => new TaskEnd
    {
        Lease = new() { Serial = each.GetProperty("serial").GetInt64() },
        Outcome = (TaskOutcome)each.GetProperty("outcome").GetInt32() is var outcome and (>= TaskOutcome.Completed and <= TaskOutcome.NotStarted or TaskOutcome.Returned)
            ? outcome : throw new FormatException($"there is no outcome {each.GetProperty("outcome")}"),
        Code = each.GetProperty("code").GetInt32(),
        Duration = TimeSpan.FromTicks(each.GetProperty("ticks").GetInt64()),
        Message = each.TryGetProperty("message", out var message) ? message.GetString() : null,
        Packed = each.TryGetProperty("packed", out var packed) ? new()
        {
            Slot = packed[0].GetInt32(), OutputFrom = packed[1].GetInt64(), OutputLength = packed[2].GetInt64(), ErrorFrom = packed[3].GetInt64(), ErrorLength = packed[4].GetInt64(),
        } : null,
    });

    private static List<T> Read<T>(string line, string name, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return [.. document.RootElement.GetProperty(name).EnumerateArray().Select(read)];
        }
        catch (Exception broken) when (IsBroken(broken))
        {
            const int most = 200;
            throw new FormatException($"it says what it should not: {(line.Length > most ? line[..most] + "…" : line)}", broken);
        }
    }

    private static bool IsBroken(Exception fault) =>
        fault is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException or InvalidDataException;

    private static string Write<T>(string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
    {
        using var buffer = new MemoryStream(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray(name);
            foreach (var item in items)
            {
                json.WriteStartObject();
                write(json, item);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
