using BenchmarkDotNet.Attributes;
using Orchestrator.Core.Scheduling.Order;

namespace Orchestrator.Benchmarks;

/// <summary>How much of a decision is the order alone?</summary>
[MemoryDiagnoser]
public class OrderBenchmarks
{
    private readonly MultifactorOrder order = new();
    private BusyCluster cluster = null!;

    /// <summary>Waiting attempts and nodes.</summary>
    [Params("1000x1000", "10000x1000")]
    public string Size { get; set; } = "";

    [GlobalSetup]
    public void Fill() => cluster = DecisionSizes.Cluster(Size);

    [Benchmark]
    public int Rank() => order.Rank(cluster.View, cluster.Now).Count;
}
