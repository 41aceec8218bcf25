using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling;

/// <summary>Small crowded problems with all that a node can be asked for: leases with known, passed and unknown ends, windows, reservations, licences, racks, parts of GPUs, nodes without power.</summary>
internal static class RandomWorld
{
    private static readonly string[] Models = ["a", "b"];
    private static readonly string[] Users = ["ada", "bob"];

    public static SchedulingProblem Of(int seed)
    {
        var random = new Random(seed);
        var nodes = Enumerable.Range(1, random.Next(1, 6)).Select(number => Node(random, number)).ToArray();
        var reservations = Enumerable.Range(1, random.Next(0, 3)).Select(number => Reservation(random, number, nodes)).ToArray();
        // Reservations of one node at one time are the reservations' business: here each node is of one at most.
        var reserved = new HashSet<string>();
        reservations = [.. reservations.Select(reservation => reservation with { Allocations = [.. reservation.Allocations.Where(share => reserved.Add(share.Node.Value))] })];
        var licences = random.Next(3) == 0 ? ImmutableSortedDictionary<string, int>.Empty.Add("cfd", random.Next(1, 4)) : ImmutableSortedDictionary<string, int>.Empty;
        return new()
        {
            Nodes = [.. nodes],
            Pending = [.. Enumerable.Range(1, random.Next(1, 13)).Select(number => Request(random, number, nodes.Length, licences.Count > 0))],
            Running = [.. nodes.Where(node => random.Next(2) == 0 && !reserved.Contains(node.Id.Value)).Select((node, number) => Lease(random, 100 + number, node))],
            Context = new()
            {
                Windows = [.. Enumerable.Range(1, random.Next(0, 3)).Select(number => Window(random, number, nodes))],
                Reservations = [.. reservations],
                Licences = licences,
            },
        };
    }

    public static SchedulableNode Node(Random random, int number) =>
        Make.Node(number, random.Next(1, 9), random.Next(0, 100))
            .WithGpus([.. Enumerable.Range(0, random.Next(0, 3)).Select(_ => (Models[random.Next(2)], (long)random.Next(1, 4)))]) with
        {
            Draining = random.Next(12) == 0,
            NotSeen = random.Next(12) == 0,
            AllocationEnd = random.Next(4) == 0 ? Make.Now.AddHours(random.Next(1, 9)) : null,
            User = random.Next(8) == 0 ? Users[random.Next(2)] : "",
            Features = random.Next(2) == 0 ? ["fast"] : [],
            Storage = random.Next(0, 20),
            Topology = [$"rack=r{random.Next(1, 3)}"],
            PowerState = random.Next(10) == 0 ? PowerState.Off : PowerState.On,
            Power = new() { SwitchOnTime = TimeSpan.FromMinutes(30) },
        };

    public static PendingRequest Request(Random random, int number, int nodes, bool licences)
    {
        var resources = new ResourceRequest
        {
            Nodes = random.Next(3) == 0 ? random.Next(1, nodes + 2) : 1,
            RanksPerNode = random.Next(1, 4),
            Threads = random.Next(1, 3),
            MemoryPerNode = random.Next(2) == 0 ? random.Next(0, 60) : 0,
            GpusPerNode = random.Next(4) == 0 ? random.Next(1, 3) : 0,
            GpuModel = random.Next(3) == 0 ? Models[random.Next(2)] : null,
            GpuMemory = random.Next(0, 3),
            GpuThousandths = random.Next(3) == 0 ? random.Next(1, 1001) : 1000,
            Exclusive = random.Next(6) == 0,
            Features = random.Next(6) == 0 ? ["fast"] : [],
            StoragePerNode = random.Next(5) == 0 ? random.Next(1, 20) : 0,
            Within = random.Next(6) == 0 ? "rack" : null,
            Licences = licences && random.Next(3) == 0 ? ImmutableSortedDictionary<string, int>.Empty.Add("cfd", random.Next(1, 3)) : ImmutableSortedDictionary<string, int>.Empty,
        };
        return Make.Request(number, resources, (PriorityClass)random.Next(1, 6)) with
        {
            DurationEstimate = random.Next(8) == 0 ? null : TimeSpan.FromHours(random.Next(0, 5)),
            Avoid = random.Next(6) == 0 ? [Make.Id(random.Next(1, nodes + 1))] : [],
            Owner = new() { User = Users[random.Next(2)], Project = "p" },
            CanCheckpoint = random.Next(3) == 0,
            Reservation = random.Next(6) == 0 ? $"r{random.Next(1, 3)}" : "",
        };
    }

    public static RunningLease Lease(Random random, int number, SchedulableNode node) => new()
    {
        Attempt = Make.Attempt(number),
        Shares =
        [
            new()
            {
                Node = node.Id,
                Cores = [.. Enumerable.Range(0, node.Cores).Where(_ => random.Next(2) == 0)],
                Gpus = [.. Enumerable.Range(0, node.Gpus.Length).Where(_ => random.Next(2) == 0)],
                GpuThousandths = random.Next(2) == 0 ? 400 : 1000,
                Memory = random.NextInt64(node.Memory + 1),
                Storage = random.NextInt64(node.Storage + 1),
                Exclusive = random.Next(6) == 0,
            },
        ],
        EndsBy = random.Next(4) == 0 ? null : Make.Now.AddHours(random.Next(-1, 5)),
        StopBy = random.Next(8) == 0 ? Make.Now.AddMinutes(random.Next(-30, 30)) : null,
        Ending = random.Next(8) == 0,
    };

    public static MaintenanceWindow Window(Random random, int number, SchedulableNode[] nodes)
    {
        var start = Make.Now.AddHours(random.Next(-1, 8));
        return new()
        {
            Id = $"w{number}",
            Start = start,
            End = start.AddHours(random.Next(1, 3)),
            Nodes = random.Next(2) == 0 ? [] : [.. nodes.Where(_ => random.Next(2) == 0).Select(node => node.Id).DefaultIfEmpty(nodes[0].Id)],
        };
    }

    public static Reservation Reservation(Random random, int number, SchedulableNode[] nodes)
    {
        var active = random.Next(2) == 0;
        var start = Make.Now.AddHours(active ? -1 : random.Next(1, 5));
        var partial = random.Next(2) == 0;
        return new()
        {
            Id = $"r{number}",
            Kind = partial ? ReservationKind.Partial : random.Next(2) == 0 ? ReservationKind.Exclusive : ReservationKind.Shared,
            State = active ? ReservationState.Active : random.Next(5) == 0 ? ReservationState.Requested : ReservationState.Confirmed,
            Start = start,
            End = start.AddHours(random.Next(1, 6)),
            Owner = new Ownership { User = random.Next(2) == 0 ? Users[random.Next(2)] : "", Project = "p" },
            Allocations =
            [
                .. nodes.Where(_ => random.Next(2) == 0).Select(node => new NodeShare
                {
                    Node = node.Id,
                    Cores = [.. Enumerable.Range(0, partial ? (node.Cores + 1) / 2 : node.Cores)],
                    Memory = partial ? node.Memory / 2 : node.Memory,
                    Gpus = partial && node.Gpus.Length > 0 ? [0] : [.. Enumerable.Range(0, node.Gpus.Length)],
                    Exclusive = !partial,
                }),
            ],
        };
    }
}
