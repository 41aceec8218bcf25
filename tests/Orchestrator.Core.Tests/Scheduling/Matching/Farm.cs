using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Matching;

namespace Orchestrator.Core.Tests.Scheduling.Matching;

/// <summary>A render farm of three kinds of nodes, and who goes where in it.</summary>
internal sealed record Farm : ISchedulingView
{
    public const long GB = 1_000_000_000;

    public ImmutableArray<SchedulableNode> Machines { get; init; } = [];

    public SchedulingContext Context { get; init; } = new();

    public SchedulingSettings Settings { get; init; } = new();

    public ImmutableArray<PendingRequest> Queue { get; init; } = [];

    public ImmutableArray<RunningLease> Leases { get; init; } = [];

    IReadOnlyCollection<SchedulableNode> ISchedulingView.Nodes => Machines;

    IReadOnlyCollection<RunningLease> ISchedulingView.Running => Leases;

    IReadOnlyCollection<PendingRequest> ISchedulingView.Pending => Queue;

    public static SchedulableNode Gpu(int number, double rating = 0, int gpus = 4, long gpuMemory = 24 * GB) =>
        new() { Id = Id("g", number), Cores = 32, Memory = 128 * GB, Gpus = [.. Enumerable.Repeat(new SchedulableGpu { Model = "rtx", Memory = gpuMemory }, gpus)], Power = Rated(rating) };

    public static SchedulableNode Cpu(int number, double rating = 0, int cores = 64) =>
        new() { Id = Id("c", number), Cores = cores, Memory = 256 * GB, Power = Rated(rating) };

    public static SchedulableNode Big(int number, double rating = 0) =>
        new() { Id = Id("m", number), Cores = 64, Memory = 1024 * GB, Power = Rated(rating) };

    public static Farm Of(params SchedulableNode[] nodes) => new() { Machines = [.. nodes] };

    /// <summary>Five GPU nodes rated 95 to 75, five CPU nodes 90 to 70, three for much memory.</summary>
    public static Farm Usual { get; } = Of(
    [
        .. Enumerable.Range(0, 5).Select(number => Gpu(number, 95 - 5 * number)),
        .. Enumerable.Range(0, 5).Select(number => Cpu(number, 90 - 5 * number)),
        .. Enumerable.Range(0, 3).Select(number => Big(number, 80)),
    ]);

    public Farm In(EnergyMode mode) => this with { Context = Context with { Energy = new() { Mode = mode } } };

    public Farm Knowing(LearnedSpeeds speeds) => this with { Context = Context with { Speeds = speeds } };

    public static PendingRequest Job(string type, int cores = 8, long memory = 16 * GB, int gpus = 0, long gpuMemory = 0) =>
        new() { Attempt = Make.Attempt(1), JobType = type, Resources = new() { Threads = cores, MemoryPerNode = memory, GpusPerNode = gpus, GpuMemory = gpuMemory } };

    /// <summary>The node that the job goes to when all are empty; null: it fits nowhere.</summary>
    public SchedulableNode? Choice(PendingRequest job) => Choices([job])[0];

    /// <summary>Where all jobs go, each beside those before it.</summary>
    public ImmutableArray<SchedulableNode?> Choices(IEnumerable<PendingRequest> jobs)
    {
        var ranking = new NodeMatching().Open(this, Make.Now);
        var leases = Machines.ToDictionary(node => node.Id, _ => ImmutableArray<RunningLease>.Empty);
        var choices = ImmutableArray.CreateBuilder<SchedulableNode?>();
        foreach (var job in jobs.Select((job, number) => job with { Attempt = Make.Attempt(number + 1) }))
        {
            var taken = Machines.OrderBy(node => ranking.Cost(node, job)).ThenBy(node => node.Id)
                .Select(node => (Node: node, Plan: new Scheduler().Plan(new() { Nodes = [node], Running = leases[node.Id], Pending = [job] }, Make.Now)))
                .FirstOrDefault(tried => !tried.Plan.Placements.IsEmpty);
            if (taken.Node is { } node)
            {
                leases[node.Id] = leases[node.Id].Add(new() { Attempt = job.Attempt, Shares = taken.Plan.Placements[0].Shares });
            }

            choices.Add(taken.Node);
        }

        return choices.ToImmutable();
    }

    public static NodeClass ClassOf(SchedulableNode? node) => node is null ? NodeClass.Absent : NodeKinds.ClassOf(node);

    private static NodeId Id(string kind, int number) => new($"n-{kind}{number:000}");

    private static NodePower? Rated(double rating) => rating > 0 ? new() { Rating = rating } : null;
}
