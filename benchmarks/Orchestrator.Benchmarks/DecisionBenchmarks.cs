using BenchmarkDotNet.Attributes;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Benchmarks;

/// <summary>How long does a decision take after one change, and how long from nothing?</summary>
[MemoryDiagnoser]
public class DecisionBenchmarks
{
    private BusyCluster cluster = null!;
    private SchedulingProblem problem = null!;

    /// <summary>Waiting attempts and nodes.</summary>
    [Params("1000x1000", "10000x1000", "100000x10000")]
    public string Size { get; set; } = "";

    [GlobalSetup]
    public void Fill()
    {
        cluster = DecisionSizes.Cluster(Size);
        problem = cluster.Problem();
    }

    [Benchmark]
    public SchedulingPlan AfterOneChange() => cluster.Cycle();

    [Benchmark]
    public SchedulingPlan FromNothing() => new Scheduler().Plan(problem, cluster.Now);
}
