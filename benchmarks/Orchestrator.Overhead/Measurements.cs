using System.Globalization;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Overhead;

/// <summary>
/// The cost c of a durable checkpoint: seconds that the program was held up, and CPU of silo and agent (manifest, hashes, fsync, catalogue) for it beyond what they use anyway.
/// </summary>
internal static class Measurements
{
    /// <summary>Los Alamos, systems 18 and 19: hours between two failures of a node.</summary>
    private const double NodeHours = 4100;

    private const double OverheadMax = 0.005;

    /// <summary>So many checkpoints tell what one costs before intervals are chosen by it.</summary>
    private const int CostCount = 7;

    public static async Task<int> CostAsync(OverheadOptions options, TextWriter output)
    {
        using var machinery = new Machinery();
        var count = options.Count ?? 20;
        var (c, bytes) = await CostAsync(machinery, options, count, output);
        var plan = Plan(c, options.Nodes);
        var part = c / plan.Interval!.Value.TotalSeconds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"adaptive interval for c and nodes that fail every {NodeHours:0} h (Los Alamos), gang of {options.Nodes}: {plan.Interval.Value.TotalMinutes:0.0} min"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"overhead = {part:P3} of the program's CPU between two checkpoints, limit {OverheadMax:P1}: {(part <= OverheadMax ? "met" : "MISSED")}"));
        return bytes >= options.Megabytes * 1_000_000L && part <= OverheadMax ? 0 : 1;
    }

    public static async Task<int> InterleavedAsync(OverheadOptions options, TextWriter output)
    {
        using var machinery = new Machinery();
        var pairs = options.Count ?? 10;
        var (c, _) = await CostAsync(machinery, options, CostCount, output);
        var policy = new CheckpointPolicy();
        var every = options.Every ?? (int)Math.Ceiling(c * (1 - policy.OverheadMax) / policy.OverheadMax);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a checkpoint each {every} s{(options.Every is null ? $", the shortest interval that an overhead of {policy.OverheadMax:P0} leaves" : "")}"));
        var steps = await CalibrateAsync(machinery, options);
        var ratios = new List<double>();
        var predictions = new List<double>();
        for (var i = 0; i < pairs; i++)
        {
            // In turn, and the first one changes: what drifts hits both.
            var (with, without) = i % 2 == 0
                ? (await RunAsync(machinery, options, $"with-{i}", steps, $"{every}s"), await RunAsync(machinery, options, $"without-{i}", steps, "program"))
                : Swap(await RunAsync(machinery, options, $"without-{i}", steps, "program"), await RunAsync(machinery, options, $"with-{i}", steps, $"{every}s"));

            // All that it costs: the program takes longer, and silo and agent compute beside it.
            ratios.Add((with.Seconds + with.Cpu - without.Seconds - without.Cpu) / without.Seconds);
            predictions.Add(with.Checkpoints * c / without.Seconds);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{i + 1,3}: with {with.Checkpoints} checkpoints {with.Seconds:0.0} s and {with.Cpu:0.0} s of silo and agent, without {without.Seconds:0.0} s and {without.Cpu:0.0} s: {ratios[^1]:P2}, predicted {predictions[^1]:P2}"));
        }

        var mean = ratios.Average();
        var error = ratios.Count < 2 ? double.NaN : Student(ratios.Count - 1) * Math.Sqrt(ratios.Sum(ratio => (ratio - mean) * (ratio - mean)) / (ratios.Count - 1) / ratios.Count);
        var predicted = predictions.Average();
        var agrees = Math.Abs(mean - predicted) <= Math.Max(0.25 * predicted, double.IsNaN(error) ? 0 : error);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"overhead with a checkpoint each {every} s = {mean:P2} ± {error:P2} (95 % of {pairs} pairs), limit 2 %: {(mean <= 0.02 ? "met" : "MISSED")}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"predicted from c = {predicted:P2}: {(agrees ? "agrees" : "DOES NOT AGREE")} within 25 % or the confidence interval"));
        return mean <= 0.02 && agrees ? 0 : 1;
    }

    /// <summary>The median cost in seconds of checkpoints that are ordered one after the other, and their size.</summary>
    private static async Task<(double Seconds, long Bytes)> CostAsync(Machinery machinery, OverheadOptions options, int count, TextWriter output)
    {
        await machinery.Client.SubmitCampaignAsync(Campaign("cost", options.Megabytes, steps: 1_000_000, "program"));
        await machinery.UntilAsync("s-cost", static view => view.Stages[0].Step > 0);
        var costs = new List<double>();
        var bytes = 0L;
        for (var i = 0; i < count; i++)
        {
            // What the two use without checkpoints, over five seconds.
            var idle = await CpuOverAsync(machinery, TimeSpan.FromSeconds(5));
            var before = Machinery.Newest(await machinery.Client.GetSimulationAsync(new("s-cost")));
            var (cpu, from) = (machinery.Cpu(), TimeProvider.System.GetTimestamp());
            await machinery.Client.ControlAsync(new("s-cost"), SimulationVerb.Checkpoint);
            var view = await machinery.UntilAsync("s-cost", view => Machinery.Newest(view)?.Name != before?.Name);
            var record = Machinery.Newest(view)!;
            var passed = TimeProvider.System.GetElapsedTime(from);
            var extra = Math.Max(0, (machinery.Cpu() - cpu).TotalSeconds - (idle * passed.TotalSeconds));
            bytes = record.Bytes;
            costs.Add(record.Cost.TotalSeconds + extra);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{i + 1,3}: {bytes / 1e6:0} MB, held up {record.Cost.TotalSeconds:0.000} s, durable {record.Flush.TotalSeconds:0.000} s later, CPU of silo and agent {extra:0.000} s"));
        }

        await machinery.Client.ControlAsync(new("s-cost"), SimulationVerb.Cancel);
        await machinery.UntilEndedAsync("s-cost");
        var c = Median(costs);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"c = {c:0.000} s (median of {count}, {costs.Min():0.000} to {costs.Max():0.000}) for {bytes / 1e6:0} MB"));
        return (c, bytes);
    }

    private static (Run With, Run Without) Swap(Run without, Run with) => (with, without);

    /// <summary>How many steps take about as long as asked for.</summary>
    private static async Task<int> CalibrateAsync(Machinery machinery, OverheadOptions options)
    {
        const int probe = 20;
        var run = await RunAsync(machinery, options, "probe", probe, "program");
        return Math.Max(probe, (int)(options.Seconds / (run.Seconds / probe)));
    }

    private static async Task<Run> RunAsync(Machinery machinery, OverheadOptions options, string name, int steps, string every)
    {
        var cpu = machinery.Cpu();
        await machinery.Client.SubmitCampaignAsync(Campaign(name, options.Megabytes, steps, every));
        var view = await machinery.UntilEndedAsync($"s-{name}");
        var stage = view.Stages[0];
        return new((stage.EndedAt - stage.StartedAt)!.Value.TotalSeconds, (machinery.Cpu() - cpu).TotalSeconds, stage.CheckpointsMade);
    }

    private static CheckpointPlan Plan(double cost, int nodes) => CheckpointSchedule.Plan(new(), new()
    {
        Cost = TimeSpan.FromSeconds(cost), Measured = true, Detection = SimulationPolicy.Default.DetectionWindow, MeanTimeBetweenFailures = TimeSpan.FromHours(NodeHours / nodes),
    });

    /// <summary>Sixty bytes of each cell, twice as many columns as rows, make a checkpoint.</summary>
    private static string Campaign(string name, int megabytes, int steps, string every)
    {
        var rows = (int)Math.Ceiling(Math.Sqrt(megabytes * 1e6 / 60 / 2) / 8) * 8;
        return string.Create(CultureInfo.InvariantCulture, $$"""
            name: {{name}}
            project: benchmarks/overhead
            stages:
              model:
                run: climate run --seed 1 --steps {{steps}} --grid {{2 * rows}}x{{rows}} --history-every 1000000
                memory: 1G
                checkpoint: { every: {{every}}, max_loss: 30m, keep: 2 }
            """);
    }

    private static async Task<double> CpuOverAsync(Machinery machinery, TimeSpan time)
    {
        var (cpu, from) = (machinery.Cpu(), TimeProvider.System.GetTimestamp());
        await Task.Delay(time, TimeProvider.System);
        return (machinery.Cpu() - cpu) / TimeProvider.System.GetElapsedTime(from);
    }

    private static double Median(IEnumerable<double> values) => values.Order().ToArray() is { Length: > 0 } all ? (all[(all.Length - 1) / 2] + all[all.Length / 2]) / 2 : 0;

    /// <summary>The 97.5 % point of Student's distribution.</summary>
    private static double Student(int degrees) => MathNet.Numerics.Distributions.StudentT.InvCDF(0, 1, degrees, 0.975);

    private readonly record struct Run(double Seconds, double Cpu, int Checkpoints);
}
