using System.Collections.Immutable;

namespace Orchestrator.Core.Workflows;

/// <summary>What one attempt needs on each of its nodes; a gang takes all of them or none.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.resource-request")]
public sealed record ResourceRequest
{
    /// <summary>At least 1.</summary>
    [Id(0)] public int Nodes { get; init; } = 1;

    /// <summary>MPI ranks on each node, at least 1.</summary>
    [Id(1)] public int RanksPerNode { get; init; } = 1;

    /// <summary>Cores of each rank, at least 1; becomes OMP_NUM_THREADS.</summary>
    [Id(2)] public int Threads { get; init; } = 1;

    /// <summary>Bytes on each node; 0: not declared.</summary>
    [Id(3)] public long MemoryPerNode { get; init; }

    [Id(4)] public int GpusPerNode { get; init; }

    /// <summary>Words of the model's name, in small letters or capitals: "a100" is "NVIDIA A100-SXM4-80GB". Null: any model.</summary>
    [Id(5)] public string? GpuModel { get; init; }

    /// <summary>Bytes that each GPU must have at least, as it is sold: what it keeps for itself of a size of gibibytes (up to 8 %) does not count against it.</summary>
    [Id(6)] public long GpuMemory { get; init; }

    /// <summary>No other attempt on the same nodes.</summary>
    [Id(7)] public bool Exclusive { get; init; }

    /// <summary>Part of each GPU in thousandths, 1 to 1000; 1000: GPUs of its own.</summary>
    [Id(8)] public int GpuThousandths { get; init; } = 1000;

    /// <summary>The least compute capability of each GPU, as "8.6"; null: any.</summary>
    [Id(9)] public string? GpuComputeCapability { get; init; }

    /// <summary>Bytes of scratch storage on each node; 0: not declared.</summary>
    [Id(10)] public long StoragePerNode { get; init; }

    /// <summary>Bits per second of network on each node; 0: not declared.</summary>
    [Id(11)] public long NetworkPerNode { get; init; }

    /// <summary>Features that each node must have.</summary>
    [Id(12)] public ImmutableArray<string> Features { get; init; } = [];

    /// <summary>Licences that the whole attempt holds, by name; at least 1 of each.</summary>
    [Id(13)] public ImmutableSortedDictionary<string, int> Licences { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    /// <summary>The level of topology of which one part must hold all nodes ("rack", "switch"); null: anywhere.</summary>
    [Id(14)] public string? Within { get; init; }

    public int CoresPerNode => RanksPerNode * Threads;

    public int Ranks => Nodes * RanksPerNode;

    /// <summary>By content, lists too: requests of the same shape are one to the scheduler.</summary>
    public bool Equals(ResourceRequest? other) =>
        other is not null && Nodes == other.Nodes && RanksPerNode == other.RanksPerNode && Threads == other.Threads && MemoryPerNode == other.MemoryPerNode
        && GpusPerNode == other.GpusPerNode && GpuModel == other.GpuModel && GpuMemory == other.GpuMemory && Exclusive == other.Exclusive
        && GpuThousandths == other.GpuThousandths && GpuComputeCapability == other.GpuComputeCapability && StoragePerNode == other.StoragePerNode
        && NetworkPerNode == other.NetworkPerNode && Within == other.Within && Features.SequenceEqual(other.Features)
        && Licences.Count == other.Licences.Count && Licences.SequenceEqual(other.Licences);

    public override int GetHashCode() =>
        HashCode.Combine(Nodes, RanksPerNode, Threads, MemoryPerNode, GpusPerNode, HashCode.Combine(GpuModel, GpuMemory, Exclusive, GpuThousandths), HashCode.Combine(StoragePerNode, Features.Length, Licences.Count, Within));
}
