using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Rendering;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Programs;

/// <summary>One line of the progress file.</summary>
internal sealed record ProgressLine
{
    /// <summary>Ten years: what takes longer is a mistake.</summary>
    private const double SecondsMax = 315_360_000;

    /// <summary>0 to 1; null: not said.</summary>
    public double? Progress { get; init; }

    public long? Step { get; init; }

    public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>The name of a checkpoint directory that is in place.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>With a checkpoint: how many bytes files had that are only appended to.</summary>
    public ImmutableSortedDictionary<string, long> Appended { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    public Artifact? Artifact { get; init; }

    /// <summary>With an artifact: how long the program was busy with it; null: not said.</summary>
    public TimeSpan? Took { get; init; }

    /// <summary>The whole line, where it names stages or edges that are to be added; null: it does not.</summary>
    public string? Stages { get; init; }

    /// <summary>Null for what is no JSON object. Members of another type than they should have count as absent.</summary>
    public static ProgressLine? Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            return root.ValueKind != JsonValueKind.Object ? null : new()
            {
                Progress = Number(root, "progress") is { } progress ? Math.Clamp(progress, 0, 1) : null,
                Step = root.TryGetProperty("step", out var step) && step.ValueKind == JsonValueKind.Number && step.TryGetInt64(out var whole) ? whole : null,
                Metrics = Numbers(root),
                Checkpoint = Text(root, "checkpoint"),
                Appended = Lengths(root),
                Stages = (root.TryGetProperty("stages", out var stages) && stages.ValueKind == JsonValueKind.Object) || (root.TryGetProperty("edges", out var edges) && edges.ValueKind == JsonValueKind.Object)
                    ? Addition(root)
                    : null,
                Artifact = Text(root, "artifact") is { Length: > 0 } path ? new() { Path = path, Quality = Math.Clamp(Number(root, "quality") ?? QualityOf(path), 0, 1) } : null,
                Took = Number(root, "seconds") is { } seconds and >= 0 and < SecondsMax ? TimeSpan.FromSeconds(seconds) : null,
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What is called like a preview is one; anything else is what it is.</summary>
    private static double QualityOf(string path) => PreviewName.TryParse(path, out var level, out _) ? level / 100.0 : 1;

    /// <summary>What it says of stages, without what else the line says.</summary>
    private static string Addition(JsonElement root) =>
        JsonSerializer.Serialize(root.EnumerateObject().Where(static member => member.Name is "key" or "stages" or "edges" or "defaults").GroupBy(static member => member.Name).ToDictionary(static member => member.Key, static member => member.Last().Value));

    private static ImmutableSortedDictionary<string, double> Numbers(JsonElement root)
    {
        if (!root.TryGetProperty("metrics", out var metrics) || metrics.ValueKind != JsonValueKind.Object)
        {
            return ImmutableSortedDictionary<string, double>.Empty;
        }

        var numbers = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (var metric in metrics.EnumerateObject())
        {
            if (metric.Value.ValueKind == JsonValueKind.Number && metric.Value.TryGetDouble(out var value) && double.IsFinite(value))
            {
                numbers[metric.Name] = value;
            }
        }

        return numbers.ToImmutable();
    }

    private static ImmutableSortedDictionary<string, long> Lengths(JsonElement root) =>
        root.TryGetProperty("appended", out var appended) && appended.ValueKind == JsonValueKind.Object
            ? appended.EnumerateObject().Where(static file => file.Value.ValueKind == JsonValueKind.Number && file.Value.TryGetInt64(out _))
                .GroupBy(static file => file.Name).ToImmutableSortedDictionary(static file => file.Key, static file => file.Last().Value.GetInt64(), StringComparer.Ordinal)
            : ImmutableSortedDictionary<string, long>.Empty;

    private static double? Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
