using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Definitions;

/// <summary>The JSON Schema of policy files, which follows from the same keys as the reader.</summary>
public static class PolicySchema
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>As it stands in the documentation.</summary>
    public static string Text()
    {
        var root = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Policy file of Orchestrator",
            ["description"] = "The reference is policy-file.md. The reader checks more than a schema can: at least one weight above 0, hours in order.",
        };
        var settings = new SchedulingSettings();
        var section = Section(typeof(SchedulingSettings), settings);
        section["properties"]!.AsObject().Insert(0, PolicyFile.PresetKey, new JsonObject
        {
            ["description"] = "What the rest of the file differs from.",
            ["enum"] = new JsonArray([.. PolicyFile.Presets.Select(static name => (JsonNode)name)]),
            ["default"] = "default",
        });
        foreach (var (key, value) in section.ToArray())
        {
            section.Remove(key);
            root[key] = value;
        }

        return root.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Section(Type record, object given)
    {
        var properties = new JsonObject();
        foreach (var key in PolicyKeys.Of(record))
        {
            var value = key.Property.GetValue(given);
            properties[key.Name] = PolicyKeys.IsSection(key.Type) ? Section(key.Type, value!) : Leaf(key, value);
        }

        return new() { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
    }

    private static JsonObject Leaf(PolicyKey key, object? value)
    {
        var leaf = new JsonObject { ["description"] = "Allowed: " + key.Allowed + "." };
        if (key.Type == typeof(int) || key.Type == typeof(double))
        {
            leaf["type"] = key.MayBeNone ? new JsonArray(key.Type == typeof(int) ? "integer" : "number", "string") : key.Type == typeof(int) ? "integer" : "number";
            leaf[key.Range.AboveMin ? "exclusiveMinimum" : "minimum"] = key.Range.Min;
            leaf["maximum"] = key.Range.Max;
            if (key.MayBeNone)
            {
                leaf["pattern"] = "^none$";
            }
        }
        else if (key.Type == typeof(bool))
        {
            leaf["type"] = "boolean";
        }
        else if (key.Type.IsEnum)
        {
            leaf["enum"] = new JsonArray([.. key.Words.Keys.Concat(key.MayBeNone ? ["none"] : []).Select(static word => (JsonNode)word)]);
        }
        else
        {
            leaf["type"] = key.Type == typeof(TimeSpan) && !key.IsOffset && !key.Range.AboveMin ? new JsonArray("string", "integer") : "string";
        }

        if (Default(value) is { } node)
        {
            leaf["default"] = node;
        }

        return leaf;
    }

    private static JsonValue? Default(object? value) => value switch
    {
        int number => JsonValue.Create(number),
        double number => JsonValue.Create(number),
        bool flag => JsonValue.Create(flag),
        TimeSpan time when time > TimeSpan.Zero => JsonValue.Create(time.TotalDays >= 1 && time.Ticks % TimeSpan.TicksPerDay == 0 ? $"{time.Days}d" : time.Ticks % TimeSpan.TicksPerHour == 0 ? $"{(int)time.TotalHours}h" : $"{(int)time.TotalMinutes}m"),
        Enum word when Convert.ToInt32(word, System.Globalization.CultureInfo.InvariantCulture) != 0 => JsonValue.Create(PolicyKeys.Snake(word.ToString()).Replace('_', '-')),
        _ => null,
    };
}
