using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling;

/// <summary>The part of one node that is, or shall be, one attempt's.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.node-share")]
public sealed record NodeShare
{
    [Id(0)] public NodeId Node { get; init; }

    /// <summary>Numbers of cores, ascending.</summary>
    [Id(1)] public ImmutableArray<int> Cores { get; init; } = [];

    /// <summary>Bytes; 0: not declared.</summary>
    [Id(2)] public long Memory { get; init; }

    /// <summary>Numbers of GPUs, ascending.</summary>
    [Id(3)] public ImmutableArray<int> Gpus { get; init; } = [];

    /// <summary>Nobody else gets anything of the node, whatever is left of it.</summary>
    [Id(4)] public bool Exclusive { get; init; }

    /// <summary>Part of each of <see cref="Gpus"/> in thousandths; 1000: whole.</summary>
    [Id(5)] public int GpuThousandths { get; init; } = 1000;

    /// <summary>Bytes of scratch storage; 0: not declared.</summary>
    [Id(6)] public long Storage { get; init; }

    /// <summary>Bits per second; 0: not declared.</summary>
    [Id(7)] public long Network { get; init; }
}
