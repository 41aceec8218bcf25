using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling.Explanations;

/// <summary>That no state of the cluster could hold a request, and what comes nearest to it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.fit-refusal")]
public sealed record FitRefusal
{
    /// <summary>The first constraint that too few nodes satisfy; ValidRequest to Site.</summary>
    [Id(0)] public PlacementConstraint Constraint { get; init; }

    /// <summary>How many nodes could hold it, together if asked for.</summary>
    [Id(1)] public int NodesLeft { get; init; }

    [Id(2)] public int NodesNeeded { get; init; }

    /// <summary>The node that lacks least; null: there is no node, or the nodes are not what is missing.</summary>
    [Id(3)] public NodeId? Nearest { get; init; }

    /// <summary>What the nearest node lacks.</summary>
    [Id(4)] public ImmutableArray<FitLack> Lacks { get; init; } = [];

    /// <summary>The whole refusal in a sentence.</summary>
    [Id(5)] public string Words { get; init; } = "";
}

/// <summary>One thing of which a node has too little.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.fit-lack")]
public sealed record FitLack
{
    [Id(0)] public PlacementConstraint Constraint { get; init; }

    /// <summary>As users name it: "cores", "memory", "GPUs of model A100".</summary>
    [Id(1)] public string What { get; init; } = "";

    [Id(2)] public long Wanted { get; init; }

    /// <summary>What the nearest node has.</summary>
    [Id(3)] public long Has { get; init; }

    /// <summary>The most that any node has.</summary>
    [Id(4)] public long Most { get; init; }
}
