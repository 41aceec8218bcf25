using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling;

/// <summary>Small crowded problems: few nodes, tight resources, and leases that do not overlap.</summary>
internal static class RandomProblem
{
    private static readonly string[] Models = ["a", "b"];

    public static SchedulingProblem Of(int seed)
    {
        var random = new Random(seed);
        var nodes = Enumerable.Range(1, random.Next(1, 7)).Select(number => Node(random, number)).ToArray();
        return Make.Problem(
            nodes,
            [.. Enumerable.Range(1, random.Next(1, 13)).Select(number => Request(random, number, nodes.Length))],
            [.. nodes.Where(_ => random.Next(3) == 0).Select(node => Lease(random, node))]);
    }

    private static SchedulableNode Node(Random random, int number) =>
        Make.Node(number, random.Next(1, 9), random.Next(0, 100))
            .WithGpus([.. Enumerable.Range(0, random.Next(0, 4)).Select(_ => (Models[random.Next(2)], (long)random.Next(1, 4)))]) with
        {
            Draining = random.Next(8) == 0,
            AllocationEnd = random.Next(3) == 0 ? Make.Now.AddHours(random.Next(1, 5)) : null,
        };

    private static PendingRequest Request(Random random, int number, int nodes)
    {
        var resources = new ResourceRequest
        {
            Nodes = random.Next(3) == 0 ? random.Next(1, nodes + 2) : 1,
            RanksPerNode = random.Next(1, 4),
            Threads = random.Next(1, 3),
            MemoryPerNode = random.Next(0, 60),
            GpusPerNode = random.Next(3) == 0 ? random.Next(1, 3) : 0,
            GpuModel = random.Next(2) == 0 ? Models[random.Next(2)] : null,
            GpuMemory = random.Next(0, 3),
            Exclusive = random.Next(6) == 0,
        };
        return Make.Request(number, resources, (PriorityClass)random.Next(1, 6)) with
        {
            DurationEstimate = random.Next(5) == 0 ? null : TimeSpan.FromHours(random.Next(0, 5)),
            Avoid = random.Next(4) == 0 ? [Make.Id(random.Next(1, nodes + 1))] : [],
        };
    }

    private static NodeShare Lease(Random random, SchedulableNode node) => new()
    {
        Node = node.Id,
        Cores = [.. Enumerable.Range(0, node.Cores).Where(_ => random.Next(2) == 0)],
        Gpus = [.. Enumerable.Range(0, node.Gpus.Length).Where(_ => random.Next(2) == 0)],
        Memory = random.NextInt64(node.Memory + 1),
        Exclusive = random.Next(6) == 0,
    };
}
