using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Orchestrator.Benchmarks;

// `decisions [SIZE...]`, `workflows`, `replays` and `forecasts [SERIES]` print times, `phases [SIZE...]` where the time of a decision goes, `fingerprint [SIZE...]` whether decisions changed; anything else are arguments of BenchmarkDotNet, such as `--filter *Decision*`.
switch (args.FirstOrDefault())
{
    case "decisions":
        Decisions.Run(args[1..]);
        break;
    case "phases":
        Phases.Print(args[1..]);
        break;
    case "fingerprint":
        Fingerprint.Print(args[1..]);
        break;
    case "workflows":
        Workflows.Run();
        break;
    case "replays":
        Decisions.Replay();
        break;
    case "forecasts":
        Forecasts.Run(args[1..]);
        break;
    default:
        // In this process: what BenchmarkDotNet would build besides knows nothing of the engine that is linked.
        var job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance);
        BenchmarkSwitcher.FromAssembly(typeof(DecisionBenchmarks).Assembly).Run(args, DefaultConfig.Instance.AddJob(job));
        break;
}
