using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Tests.Scheduling.Whole;

/// <summary>A machine with its agent, as a site has it.</summary>
internal sealed class Host
{
    private long version;

    public NodeId Id { get; private init; }

    public NodeCapabilities Capabilities { get; private init; } = new();

    public string User { get; private init; } = "";

    public DateTimeOffset? AllocationEnd { get; private init; }

    public bool IsUp { get; set; } = true;

    /// <summary>Switched off, as it was told.</summary>
    public bool IsOff { get; set; }

    public NodeStatus Status { get; set; } = NodeStatus.Alive;

    public int Boot { get; set; } = 1;

    /// <summary>The version of what it was last told to hold.</summary>
    public long Wanted { get; set; }

    /// <summary>Attempts that are over and whose processes are not gone.</summary>
    public HashSet<AttemptId> Hanging { get; } = [];

    public static Host Draw(Random random, int number) => new()
    {
        Id = Make.Id(number),
        Capabilities = new()
        {
            Cores = random.Next(2, 9),
            Memory = random.Next(20, 100),
            Storage = random.Next(0, 20),
            Network = random.Next(4, 12),
            Gpus = [.. Enumerable.Range(0, random.Next(3) == 0 ? random.Next(1, 3) : 0).Select(_ => new NodeGpu { Model = "a", Memory = random.Next(1, 4) })],
            Features = random.Next(2) == 0 ? ["fast"] : [],
            Topology = [$"rack=r{random.Next(1, 3)}"],
            Power = new() { Idle = 100, Busy = 300, Off = 5, SwitchOnTime = TimeSpan.FromMinutes(10), SwitchOffTime = TimeSpan.FromMinutes(2) },
        },
        User = random.Next(10) == 0 ? "ada" : "",
        AllocationEnd = random.Next(6) == 0 ? new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddHours(random.Next(5, 80)) : null,
    };

    public NodeObservation Observe(DateTimeOffset now, ClusterPolicy policy) => new()
    {
        Inventory = new()
        {
            Id = Id,
            Version = ++version,
            Status = Status,
            Capabilities = Capabilities,
            User = User,
            AllocationEnd = AllocationEnd,
            BootId = $"boot-{Boot}",
            LastSeen = Status == NodeStatus.Lost ? now - policy.DetectionWindow : now,
        },
        WantedVersionDone = Wanted,
        Running = [.. Hanging.Select(static attempt => new RunningAttempt { Attempt = attempt, HasProcesses = true })],
    };

    /// <summary>It has, empty, what the job wants of each node, and lasts.</summary>
    public bool Suits(Job job)
    {
        var wanted = job.Resources;
        return AllocationEnd is null && (User.Length == 0 || User == job.Owner.User) && wanted.CoresPerNode <= Capabilities.Cores && wanted.MemoryPerNode <= Capabilities.Memory
            && wanted.StoragePerNode <= Capabilities.Storage && wanted.NetworkPerNode <= Capabilities.Network && wanted.Features.All(Capabilities.Features.Contains)
            && Capabilities.Gpus.Count(gpu => gpu.Memory >= wanted.GpuMemory) >= wanted.GpusPerNode;
    }
}
