using System.Collections.Immutable;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>
/// Nodes that are alike in everything that does not change while they are up, so that what a request asks of a node is asked once for all of them.
/// Reliability is told apart in steps of a twentieth: finer ones would make every node a kind of its own.
/// </summary>
internal sealed class NodeKind(NodeKindKey key)
{
    public NodeKindKey Key => key;

    public int Count { get; set; }

    /// <summary>Its nodes, by what is arranged for them.</summary>
    public List<NodeCell> Cells { get; } = [];

    /// <summary>Its number in the table, from 0.</summary>
    public int Index { get; set; }

    /// <summary>The node with the lowest id, for which the preference is asked.</summary>
    public SchedulableNode Example { get; set; } = new();
}

/// <summary>What nodes of a kind have in common, compared by content.</summary>
internal sealed class NodeKindKey(SchedulableNode node) : IEquatable<NodeKindKey>
{
    private readonly int reliability = (int)Math.Round(Math.Clamp(node.Reliability, 0, 1) * 20);

    public int Cores { get; } = Math.Max(0, node.Cores);

    public long Memory => node.Memory;

    /// <summary>A node's GPUs beyond the 64th are not given to anyone.</summary>
    public ImmutableArray<SchedulableGpu> Gpus => node.Gpus;

    public string User => node.User;

    public ImmutableArray<string> Features => node.Features;

    public long Storage => node.Storage;

    public long Network => node.Network;

    private string Kind => node.Kind;

    private NodePower? Power => node.Power;

    public bool Equals(NodeKindKey? other) =>
        other is not null && Cores == other.Cores && Memory == other.Memory && Storage == other.Storage && Network == other.Network && reliability == other.reliability
        && User == other.User && Kind == other.Kind && Power == other.Power && Gpus.AsSpan().SequenceEqual(other.Gpus.AsSpan()) && Features.AsSpan().SequenceEqual(other.Features.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as NodeKindKey);

    public override int GetHashCode() => HashCode.Combine(Cores, Memory, Storage, Gpus.Length, Features.Length, reliability, Kind, User);
}
