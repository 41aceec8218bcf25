using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Workflows.Graphs;

/// <summary>A graph and where it stands, as JSON.</summary>
public sealed record WorkflowDocument
{
    public const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    public int Version { get; init; } = CurrentVersion;

    public string Id { get; init; } = "";

    public ImmutableArray<StageDefinition> Stages { get; init; } = [];

    /// <summary>In the order of the stages; empty: nothing is known of any.</summary>
    public ImmutableArray<StageFacts> Facts { get; init; } = [];

    public ImmutableArray<ImmutableArray<EdgeMark>> Marks { get; init; } = [];

    public static WorkflowDocument Of(string id, WorkflowTracker tracker) => new()
    {
        Id = id,
        Stages = [.. tracker.Graph.Stages],
        Facts = [.. tracker.Graph.Stages.Select(stage => tracker.FactsOf(stage.Name))],
        Marks = [.. tracker.Graph.Stages.Select(stage => tracker.MarksOf(stage.Name))],
    };

    public string Write() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="JsonException">It is no such document.</exception>
    public static WorkflowDocument Read(string text) => JsonSerializer.Deserialize<WorkflowDocument>(text, Json) is { Version: >= 1 and <= CurrentVersion } read
        ? read
        : throw new JsonException(FormattableString.Invariant($"version: 1 to {CurrentVersion} can be read."));

    /// <summary>The tracker as it was.</summary>
    /// <exception cref="ArgumentException">The stages are no graph.</exception>
    public WorkflowTracker Track(DateTimeOffset now)
    {
        var (graph, problems) = WorkflowGraph.Of(Stages);
        if (graph is null)
        {
            throw new ArgumentException(string.Join(' ', problems));
        }

        var tracker = new WorkflowTracker(graph, now);
        if (Facts.Length == Stages.Length && Marks.Length == Stages.Length)
        {
            tracker.Restore(Facts, Marks, now);
        }

        return tracker;
    }
}
