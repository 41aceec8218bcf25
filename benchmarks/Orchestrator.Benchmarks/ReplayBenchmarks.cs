using BenchmarkDotNet.Attributes;
using Orchestrator.Core.Replay;

namespace Orchestrator.Benchmarks;

/// <summary>How long does the replay of the 77,199 jobs of CTC SP2 take?</summary>
[MemoryDiagnoser]
public class ReplayBenchmarks
{
    private const int Processors = 338;
    private readonly Workload workload = Read();

    /// <summary>As `orchestrator replay` names them.</summary>
    [Params("easy", "default")]
    public string Policy { get; set; } = "";

    [Benchmark]
    public ReplayResult Replay() => Run(workload, Policy);

    internal static Workload Read()
    {
        const string Name = "CTC-SP2.csv.gz";
        using var content = typeof(ReplayBenchmarks).Assembly.GetManifestResourceStream(Name)!;
        return WorkloadReader.Read(content, Name);
    }

    internal static ReplayResult Run(Workload workload, string policy) => WorkloadReplay.Run(workload, new() { Processors = Processors, Settings = ReplayPolicies.Named(policy)! });
}
