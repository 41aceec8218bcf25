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

    /// <summary>Null: any model.</summary>
    [Id(5)] public string? GpuModel { get; init; }

    /// <summary>Bytes that each GPU must have at least.</summary>
    [Id(6)] public long GpuMemory { get; init; }

    /// <summary>No other attempt on the same nodes.</summary>
    [Id(7)] public bool Exclusive { get; init; }

    public int CoresPerNode => RanksPerNode * Threads;

    public int Ranks => Nodes * RanksPerNode;
}
