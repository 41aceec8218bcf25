using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling.Matching;

/// <summary>How fast each kind of work runs where: 1 is the usual speed.</summary>
public sealed record EfficiencyReport
{
    /// <summary>For every node, by kind of work, what nodes of its kind have seen.</summary>
    public ImmutableSortedDictionary<NodeId, ImmutableSortedDictionary<string, double>> Nodes { get; private init; } =
        ImmutableSortedDictionary<NodeId, ImmutableSortedDictionary<string, double>>.Empty;

    /// <summary>For every kind of node, by kind of work.</summary>
    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, double>> Kinds { get; private init; } =
        ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, double>>(StringComparer.Ordinal);

    public static EfficiencyReport Of(IEnumerable<SchedulableNode> nodes, LearnedSpeeds speeds)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(speeds);
        var byNode = ImmutableSortedDictionary.CreateBuilder<NodeId, ImmutableSortedDictionary<string, double>>();
        var byKind = ImmutableSortedDictionary.CreateBuilder<string, ImmutableSortedDictionary<string, double>>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            var kind = NodeKinds.NameOf(node);
            if (!byKind.TryGetValue(kind, out var seen))
            {
                byKind.Add(kind, seen = speeds.SeenBy(kind.Replace('|', '/')));
            }

            byNode.Add(node.Id, seen);
        }

        return new() { Nodes = byNode.ToImmutable(), Kinds = byKind.ToImmutable() };
    }
}
