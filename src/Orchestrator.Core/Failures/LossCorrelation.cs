using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Failures;

/// <summary>A part of the machine whose nodes failed together: one event, not many.</summary>
public sealed record CommonPart
{
    /// <summary>"rack=r7", as the nodes' topology names it.</summary>
    public required string Part { get; init; }

    public ImmutableArray<NodeId> Lost { get; init; } = [];

    /// <summary>Of how many nodes that the part has.</summary>
    public int Of { get; init; }

    public override string ToString() => FormattableString.Invariant($"{Lost.Length} of {Of} nodes of {Part}");
}

/// <summary>Finds what nodes that were lost at about the same time have in common.</summary>
public static class LossCorrelation
{
    /// <summary>A part of which fewer nodes were lost says nothing.</summary>
    public const int NodesMin = 2;

    /// <summary>So much of a part must be lost.</summary>
    public const double PartMin = 0.6;

    /// <summary>
    /// The narrowest part that has all of the lost nodes and of whose nodes most are lost, while others are not; null: they have nothing in common, or everything is lost, which points at
    /// who looks.
    /// </summary>
    /// <param name="lost">Nodes that fell silent together.</param>
    /// <param name="heard">Nodes that are heard of.</param>
    public static CommonPart? Find(IReadOnlyList<(NodeId Node, ImmutableArray<string> Topology)> lost, IReadOnlyList<(NodeId Node, ImmutableArray<string> Topology)> heard)
    {
        ArgumentNullException.ThrowIfNull(lost);
        ArgumentNullException.ThrowIfNull(heard);
        if (lost.Count < NodesMin || heard.Count == 0)
        {
            return null;
        }

        CommonPart? found = null;
        foreach (var part in lost[0].Topology)
        {
            // From the widest to the narrowest: the last that has all of them is the narrowest.
            if (!lost.All(node => node.Topology.Contains(part, StringComparer.Ordinal)))
            {
                continue;
            }

            var stillThere = heard.Count(node => node.Topology.Contains(part, StringComparer.Ordinal));
            if (stillThere < heard.Count && lost.Count >= PartMin * (lost.Count + stillThere))
            {
                found = new() { Part = part, Lost = [.. lost.Select(static node => node.Node).Order()], Of = lost.Count + stillThere };
            }
        }

        return found;
    }
}
