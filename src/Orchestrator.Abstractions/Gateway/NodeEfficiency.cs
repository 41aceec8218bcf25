using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>How fast work runs on a node, and how far the node is trusted: <c>GET /v1/nodes/efficiency</c>.</summary>
public sealed record NodeEfficiency
{
    public NodeId Node { get; init; }

    /// <summary>The kind of node for which speeds are learned; nodes of one kind share them.</summary>
    public string Kind { get; init; } = "";

    /// <summary>By kind of work, of those that nodes of its kind have seen: 1 is the usual speed, 2 twice as fast; 0.1 to 10.</summary>
    public ImmutableSortedDictionary<string, double> Speeds { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>0 to 1: how likely a day of work passes there without a failure, against a node of which nothing is known, which has 1, and how its latest uses went. It weighs in placement.</summary>
    public double Reliability { get; init; }

    /// <summary>Failures for which it answered.</summary>
    public int Failures { get; init; }
}
