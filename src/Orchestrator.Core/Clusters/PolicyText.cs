using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Core.Clusters;

/// <summary>Settings of the scheduler as they are stored: JSON with names in snake_case. What is not said is as by default; what nobody knows is an error.</summary>
public static class PolicyText
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The same text is read again with every plan.</summary>
    private static readonly ConditionalWeakTable<string, SchedulingSettings> Known = [];

    public static string Write(SchedulingSettings settings) => JsonSerializer.Serialize(settings, Options);

    /// <summary>The settings; "" gives null: none were set.</summary>
    /// <exception cref="ArgumentException">The text is no policy; the message names the place.</exception>
    public static SchedulingSettings? Read(string text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (Known.TryGetValue(text, out var known))
        {
            return known;
        }

        try
        {
            var settings = JsonSerializer.Deserialize<SchedulingSettings>(text, Options) ?? throw new ArgumentException("policy: it is null; an object is needed.", nameof(text));
            Known.AddOrUpdate(text, settings);
            return settings;
        }
        catch (JsonException error)
        {
            throw new ArgumentException($"policy: {error.Message}", nameof(text), error);
        }
    }
}
