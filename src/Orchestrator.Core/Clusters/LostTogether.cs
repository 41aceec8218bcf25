using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Clusters;

/// <summary>Nodes that fell silent at the same time and have something in common: a rack, a switch, a room.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.lost-together")]
public sealed record LostTogether
{
    /// <summary>As the topology of the nodes names it: "rack=r1".</summary>
    [Id(0)] public string Part { get; init; } = "";

    [Id(1)] public ImmutableArray<NodeId> Nodes { get; init; } = [];

    /// <summary>Of so many nodes that the part has.</summary>
    [Id(2)] public int Of { get; init; }

    [Id(3)] public DateTimeOffset At { get; init; }

    public override string ToString() => FormattableString.Invariant($"{Nodes.Length} of {Of} nodes of {Part}");
}
