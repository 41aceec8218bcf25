using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;

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

    /// <summary>Bytes of scratch storage.</summary>
    public long Storage { get; init; }

    /// <summary>Bits per second.</summary>
    public long Network { get; init; }

    public ImmutableArray<string> Features { get; init; } = [];

    /// <summary>Names of data that lie on it; they make it no other kind of node.</summary>
    public ImmutableArray<string> Holds { get; init; } = [];

    /// <summary>"level=name" from the widest to the narrowest.</summary>
    public ImmutableArray<string> Topology { get; init; } = [];

    /// <summary>The kind for which speeds are learned.</summary>
    public string Kind { get; init; } = "";

    /// <summary>0 to 1: the part of its time, or of its latest starts, without a failure.</summary>
    public double Reliability { get; init; } = 1;

    public NodePower? Power { get; init; }

    public PowerState PowerState { get; init; } = PowerState.On;

    /// <summary>With <see cref="PowerState.SwitchingOn"/>: when it takes work.</summary>
    public DateTimeOffset? ReadyAt { get; init; }

    /// <summary>Since when nothing ran on it, or it was switched on if that was later; null: something does, or it is not known, so that it is not switched off.</summary>
    public DateTimeOffset? IdleSince { get; init; }
}
