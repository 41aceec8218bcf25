using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling;

/// <summary>What one node has, leased or not.</summary>
public sealed record SchedulableNode
{
    public NodeId Id { get; init; }

    /// <summary>Cores are numbered 0 to this minus 1.</summary>
    public int Cores { get; init; }

    /// <summary>Bytes.</summary>
    public long Memory { get; init; }

    /// <summary>The index in this list is the number of the GPU on its node.</summary>
    public ImmutableArray<SchedulableGpu> Gpus { get; init; } = [];

    /// <summary>When the node is taken away; null: not known to end.</summary>
    public DateTimeOffset? AllocationEnd { get; init; }

    /// <summary>A draining node keeps what it runs and gets nothing new.</summary>
    public bool Draining { get; init; }

    /// <summary>Nothing starts on a node that is not seen alive now; it still counts as one that there is.</summary>
    public bool NotSeen { get; init; }

    /// <summary>The only user whose work the node takes; "": anyone's.</summary>
    public string User { get; init; } = "";
}
