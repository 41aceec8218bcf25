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

    /// <summary>By content, lists too: a repeated registration is no change.</summary>
    public bool Equals(NodeCapabilities? other) =>
        other is not null && Cores == other.Cores && Memory == other.Memory && HostName == other.HostName && OperatingSystem == other.OperatingSystem
        && Gpus.SequenceEqual(other.Gpus) && Features.SequenceEqual(other.Features);

    public override int GetHashCode() => HashCode.Combine(Cores, Memory, HostName, OperatingSystem, Gpus.Length, Features.Length);
}

/// <summary>One GPU of a node.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.node-gpu")]
public sealed record NodeGpu
{
    [Id(0)] public string Model { get; init; } = "";

    /// <summary>Bytes.</summary>
    [Id(1)] public long Memory { get; init; }
}
