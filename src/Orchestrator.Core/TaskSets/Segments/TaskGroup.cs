using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.TaskSets.Segments;

/// <summary>One task of a stage, or many that differ by their index alone.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-group")]
public sealed record TaskGroup
{
    /// <summary>Of the task; of many, <c>NAME-INDEX</c> is each one's.</summary>
    [Id(0)] public string Name { get; init; } = "";

    /// <summary>Null: it is one task.</summary>
    [Id(1)] public TaskIndices? Indices { get; init; }

    /// <summary>A shell line; <c>{index}</c> is replaced for each.</summary>
    [Id(2)] public string Run { get; init; } = "";

    [Id(3)] public int Cores { get; init; } = 1;

    [Id(4)] public int Gpus { get; init; }

    /// <summary>Bytes; 0: not declared.</summary>
    [Id(5)] public long Memory { get; init; }

    /// <summary>The longest time of one attempt; null: no limit.</summary>
    [Id(6)] public TimeSpan? Timeout { get; init; }

    /// <summary>Attempts after the first, 0 to 100. Only failures of the task use them.</summary>
    [Id(7)] public int RetriesMax { get; init; }

    /// <summary>Higher goes first.</summary>
    [Id(8)] public int Priority { get; init; }

    [Id(9)] public ImmutableSortedDictionary<string, string> Environment { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Where it runs instead of in its own folder; null: there.</summary>
    [Id(10)] public string? Workdir { get; init; }

    [JsonIgnore]
    public int Count => Indices?.Count ?? 1;
}
