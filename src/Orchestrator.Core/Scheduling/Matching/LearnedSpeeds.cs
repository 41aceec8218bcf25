using System.Collections.Immutable;

namespace Orchestrator.Core.Scheduling.Matching;

/// <summary>How fast kinds of work ran on kinds of nodes: 1 is the usual speed, 2 twice as fast.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.learned-speeds")]
public sealed record LearnedSpeeds
{
    public static LearnedSpeeds Empty { get; } = new();

    /// <summary>By "kind of work|kind of node".</summary>
    [Id(0)] public ImmutableSortedDictionary<string, double> Speeds { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>The learned speed; 1 when nothing was learned.</summary>
    public double Of(string jobType, string nodeKind) =>
        Speeds.IsEmpty || jobType.Length == 0 || nodeKind.Length == 0 ? 1 : Speeds.GetValueOrDefault($"{jobType}|{nodeKind}", 1);
}
