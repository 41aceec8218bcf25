using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Matching;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Tests.Replay;

namespace Orchestrator.Core.Tests.Scheduling.Matching;

/// <summary>
/// A GPU cluster of Alibaba: 1,523 nodes with 6,212 GPUs, and 8,152 requests for 6,087 of them, whole and in parts, one after the other in the order of the trace, none of which ends.
/// What does not fit when its turn comes is turned away.
/// </summary>
public sealed class GpuClusterTests(ITestOutputHelper output)
{
    private static readonly ImmutableArray<SchedulableNode> Nodes = [.. Traces.Rows("alibaba-gpu-2023-nodes.csv.gz").Select(Node)];
    private static readonly ImmutableArray<PendingRequest> Pods = [.. Traces.Rows("alibaba-gpu-2023-pods.csv.gz").Select(Pod)];

    [Fact]
    public void More_of_a_GPU_cluster_is_given_away_than_by_first_fit_and_by_chance()
    {
        var matched = Placed("best match", new NodeMatching());
        var first = Placed("first fit", new PlainPreference());
        var random = PlacedAtRandom(new Random(1));

        matched.Gpus.ShouldBeGreaterThan(1.02 * first.Gpus);
        matched.Gpus.ShouldBeGreaterThan(1.05 * random.Gpus);
        matched.Requests.ShouldBeGreaterThan(first.Requests);
    }

    private (int Requests, double Gpus) Placed(string name, INodePreference preference)
    {
        // What never ends leaves no room later: who finds none now keeps nobody back.
        var settings = new SchedulingSettings { Order = new() { Policy = QueuePolicy.Fifo } };
        var plan = new Scheduler(settings, new() { Preference = preference }).Plan(new() { Nodes = Nodes, Pending = Pods }, Make.Now);
        var wanted = Pods.ToDictionary(pod => pod.Attempt, pod => pod.Resources);
        var requests = plan.Placements.Length;
        var gpus = plan.Placements.Sum(placement => wanted[placement.Attempt] is var resources ? resources.GpusPerNode * resources.GpuThousandths / 1000.0 : 0);
        return Told(name, requests, gpus);
    }

    private (int Requests, double Gpus) PlacedAtRandom(Random random)
    {
        var cores = Nodes.Select(node => node.Cores).ToArray();
        var memory = Nodes.Select(node => node.Memory).ToArray();
        var free = Nodes.Select(node => Enumerable.Repeat(1000, node.Gpus.Length).ToArray()).ToArray();
        var requests = 0;
        var gpus = 0.0;
        foreach (var wanted in Pods.Select(pod => pod.Resources))
        {
            var fitting = Enumerable.Range(0, Nodes.Length).Where(node =>
                cores[node] >= wanted.Threads && memory[node] >= wanted.MemoryPerNode && free[node].Count(part => part >= wanted.GpuThousandths) >= wanted.GpusPerNode).ToArray();
            if (fitting.Length > 0)
            {
                var node = fitting[random.Next(fitting.Length)];
                cores[node] -= wanted.Threads;
                memory[node] -= wanted.MemoryPerNode;
                foreach (var gpu in Enumerable.Range(0, free[node].Length).Where(gpu => free[node][gpu] >= wanted.GpuThousandths).OrderBy(_ => random.Next()).Take(wanted.GpusPerNode).ToArray())
                {
                    free[node][gpu] -= wanted.GpuThousandths;
                }

                requests++;
                gpus += wanted.GpusPerNode * wanted.GpuThousandths / 1000.0;
            }
        }

        return Told("random", requests, gpus);
    }

    private (int Requests, double Gpus) Told(string name, int requests, double gpus)
    {
        var wanted = Pods.Sum(pod => pod.Resources.GpusPerNode * pod.Resources.GpuThousandths / 1000.0);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name}: {requests} of {Pods.Length} requests, {gpus:0.0} of {wanted:0.0} GPUs wanted, {gpus / Nodes.Sum(node => node.Gpus.Length):P2} of all GPUs given away"));
        return (requests, gpus);
    }

    private static SchedulableNode Node(Func<string, string> row, int number) => new()
    {
        Id = new NodeId(string.Create(CultureInfo.InvariantCulture, $"n-{number:0000}")),
        Cores = Number(row("cpu_milli")) / 1000,
        Memory = (long)Number(row("memory_mib")) << 20,
        Gpus = [.. Enumerable.Repeat(new SchedulableGpu { Model = row("model"), Memory = GpuMemory(row("model")) }, Number(row("gpu")))],
    };

    private static PendingRequest Pod(Func<string, string> row, int number) => new()
    {
        Attempt = Make.Attempt(number),
        SubmissionOrder = number,
        Resources = new()
        {
            Threads = Math.Max(1, (Number(row("cpu_milli")) + 999) / 1000),
            MemoryPerNode = (long)Number(row("memory_mib")) << 20,
            GpusPerNode = Number(row("num_gpu")),
            GpuThousandths = Number(row("num_gpu")) > 0 ? Number(row("gpu_milli")) : 1000,
        },
    };

    /// <summary>The trace hides two models behind letters; from their nodes' size they are taken for GPUs of 24 and 80 GB.</summary>
    private static long GpuMemory(string model) => Farm.GB * model switch
    {
        "G3" => 80,
        "V100M32" => 32,
        "G2" or "A10" => 24,
        _ => 16,
    };

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
