using System.Collections.Immutable;

namespace Orchestrator.Core.Nodes;

/// <summary>What a node has, as its agent found it or was told.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.node-capabilities")]
public sealed record NodeCapabilities
{
    /// <summary>Cores the agent may give away, at least 1; numbered from 0.</summary>
    [Id(0)] public int Cores { get; init; } = 1;

    /// <summary>Bytes.</summary>
    [Id(1)] public long Memory { get; init; }

    /// <summary>The index is the number of the GPU.</summary>
    [Id(2)] public ImmutableArray<NodeGpu> Gpus { get; init; } = [];

    /// <summary>The name by which other nodes reach it.</summary>
    [Id(3)] public string HostName { get; init; } = "";

    [Id(4)] public string OperatingSystem { get; init; } = "";

    /// <summary>Free-form features that stages may ask for.</summary>
    [Id(5)] public ImmutableArray<string> Features { get; init; } = [];

    /// <summary>Bytes of scratch storage it may give away; 0: not known.</summary>
    [Id(6)] public long Storage { get; init; }

    /// <summary>Bits per second; 0: not known.</summary>
    [Id(7)] public long Network { get; init; }

    /// <summary>Where it stands, as "level=name" from the widest to the narrowest ("room=a", "rack=r7", "switch=s71").</summary>
    [Id(8)] public ImmutableArray<string> Topology { get; init; } = [];

    /// <summary>What kind of node it is, for what is learned of kinds ("epyc-9654"); "": only its capabilities tell.</summary>
    [Id(9)] public string Kind { get; init; } = "";

    /// <summary>What it draws; null: not known.</summary>
    [Id(10)] public NodePower? Power { get; init; }

    /// <summary>Names of data that lie on it, for stages that read them.</summary>
    [Id(11)] public ImmutableArray<string> Holds { get; init; } = [];

    /// <summary>By content, lists too: a repeated registration is no change.</summary>
    public bool Equals(NodeCapabilities? other) =>
        other is not null && Cores == other.Cores && Memory == other.Memory && HostName == other.HostName && OperatingSystem == other.OperatingSystem
        && Storage == other.Storage && Network == other.Network && Kind == other.Kind && Power == other.Power
        && Gpus.SequenceEqual(other.Gpus) && Features.SequenceEqual(other.Features) && Topology.SequenceEqual(other.Topology) && Holds.SequenceEqual(other.Holds);

    public override int GetHashCode() => HashCode.Combine(Cores, Memory, HostName, OperatingSystem, Gpus.Length, Features.Length);
}

/// <summary>One GPU of a node.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.node-gpu")]
public sealed record NodeGpu
{
    [Id(0)] public string Model { get; init; } = "";

    /// <summary>Bytes.</summary>
    [Id(1)] public long Memory { get; init; }

    /// <summary>As "8.6"; "": not known, which satisfies no request that asks for one.</summary>
    [Id(2)] public string ComputeCapability { get; init; } = "";
}
