using System.Text.Json;
using Orchestrator.Core.TaskSets;

namespace Orchestrator.Pilot.Files;

/// <summary>A task as its author wrote it, without what was not given.</summary>
internal sealed record TaskDefinition
{
    public string Id { get; init; } = "";

    /// <summary>A line for <c>/bin/sh</c>.</summary>
    public string Command { get; init; } = "";

    public TaskShape Shape { get; init; } = new();

    /// <summary>Where it runs instead of in its own folder; relative to where the pilot was started.</summary>
    public string? Workdir { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>Tasks that complete before it starts.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    /// <summary>JSON as given; the pilot does not look into it.</summary>
    public string? Tags { get; init; }

    /// <summary>One form for one task: what is stored, and compared when the same id comes again.</summary>
    public byte[] ToJson()
    {
        using var buffer = new MemoryStream(128);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            Write(json);
        }

        return buffer.ToArray();
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", Id);
        json.WriteString("command", Command);
        WriteUnless(json, "cores", Shape.Demand.Cores, 1);
        WriteUnless(json, "gpus", Shape.Demand.Gpus, 0);
        if (Shape.Demand.Memory > 0)
        {
            json.WriteString("memory", Size(Shape.Demand.Memory));
        }

        if (Shape.Timeout is { } timeout)
        {
            json.WriteNumber("timeout", timeout.TotalSeconds);
        }

        WriteUnless(json, "priority", Shape.Priority, 0);
        WriteUnless(json, "max_retries", Shape.RetriesMax, 0);
        if (Workdir is not null)
        {
            json.WriteString("workdir", Workdir);
        }

        if (Environment.Count > 0)
        {
            json.WriteStartObject("env");
            foreach (var (name, value) in Environment)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }

        if (Tags is not null)
        {
            json.WritePropertyName("tags");
            json.WriteRawValue(Tags, skipInputValidation: true);
        }

        if (After.Count > 0)
        {
            json.WriteStartArray("after");
            foreach (var predecessor in After)
            {
                json.WriteStringValue(predecessor);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>In the least unit that has room for the number, upwards: below 954 GiB nothing above a KiB is rounded.</summary>
    private static string Size(long bytes)
    {
        const long numberMax = 999_999_999;
        var unit = 0;
        long number;
        while ((number = ((bytes - 1) >> (10 * (unit + 1))) + 1) > numberMax)
        {
            unit++;
        }

        return $"{number}{"KMGTP"[unit]}";
    }

    private static void WriteUnless(Utf8JsonWriter json, string name, int value, int usual)
    {
        if (value != usual)
        {
            json.WriteNumber(name, value);
        }
    }
}
