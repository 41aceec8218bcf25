using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Benchmarks;

/// <summary>
/// A machine in the middle of its day: about nine tenths of it run, more waits than fits, and people have arranged windows and reservations. The same numbers give the same day.
/// One <see cref="Cycle"/> is what a service does when something happened: an attempt ends, another is submitted, and a plan is made and carried out.
/// </summary>
internal sealed class BusyCluster
{
    private const int RackSize = 40;
    private const long Gigabyte = 1L << 30;
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly Random random;
    private readonly SchedulableNode[] nodes;
    private readonly int pendingTarget;
    private readonly SchedulingContext context;
    private readonly SchedulingWorkspace workspace;
    private readonly Dictionary<AttemptId, RunningLease> running = [];
    private readonly Dictionary<AttemptId, PendingRequest> pending = [];
    private readonly PriorityQueue<AttemptId, long> ends = new();
    private int submitted;

    /// <param name="nodes">At least 100.</param>
    /// <param name="pending">Attempts that wait at any time.</param>
    /// <param name="parts">Of the scheduler.</param>
    /// <param name="seed">Of all that is drawn.</param>
    public BusyCluster(int nodes, int pending, SchedulerParts parts, int seed = 1)
    {
        workspace = new(new(), parts);
        random = new(seed);
        pendingTarget = pending;
        this.nodes = [.. Enumerable.Range(0, nodes).Select(Node)];
        context = Context();
        workspace.SetContext(context);
        foreach (var node in this.nodes)
        {
            workspace.SetNode(node);
        }

        Occupy();
        Refill();
        Settle();
    }

    public DateTimeOffset Now { get; private set; } = Noon;

    /// <summary>As it is now.</summary>
    public SchedulingProblem Problem() => new() { Nodes = [.. nodes], Running = [.. running.Values], Pending = [.. pending.Values], Context = context };

    /// <summary>What a plan looks at.</summary>
    public ISchedulingView View => workspace;

    public int Running => running.Count;

    public double CoresInUse => running.Values.Sum(static lease => lease.Shares.Sum(static share => (double)share.Cores.Length)) / nodes.Sum(static node => node.Cores);

    /// <summary>Until the next attempt ends; nothing is planned.</summary>
    public void Advance()
    {
        while (ends.TryDequeue(out var attempt, out var at))
        {
            if (!running.Remove(attempt))
            {
                continue;
            }

            Now = new(Math.Max(Now.UtcTicks, at), TimeSpan.Zero);
            workspace.End(attempt);
            break;
        }

        Refill();
    }

    public SchedulingPlan Plan() => workspace.Plan(Now);

    /// <summary>Starts what the plan starts, and asks to leave whom it asks.</summary>
    public void Act(SchedulingPlan plan)
    {
        foreach (var placement in plan.Placements)
        {
            pending.Remove(placement.Attempt, out var request);
            Start(request!, placement.Shares, Now, 0.05 + (0.95 * random.NextDouble()));
        }

        foreach (var preemption in plan.Preemptions)
        {
            var victim = running[preemption.Victim] with { StopBy = preemption.StopBy };
            running[preemption.Victim] = victim;
            workspace.SetRunning(victim);
            ends.Enqueue(preemption.Victim, preemption.StopBy.UtcTicks);
        }
    }

    /// <summary>One change, one plan, carried out.</summary>
    public SchedulingPlan Cycle()
    {
        Advance();
        var plan = Plan();
        Act(plan);
        return plan;
    }

    private void Settle()
    {
        for (var round = 0; round < 20; round++)
        {
            var plan = Plan();
            Act(plan);
            if (plan.Placements.IsEmpty)
            {
                return;
            }

            Refill();
        }
    }

    /// <summary>Three kinds: most are plain, one in ten has four GPUs, one in ten much memory. Racks of 40, ten of them on a switch.</summary>
    private SchedulableNode Node(int number)
    {
        var rack = number / RackSize;
        var kind = rack % 10 == 0 ? "gpu" : rack % 10 == 1 ? "large" : "plain";
        return new()
        {
            Id = NodeOf(number),
            Cores = kind == "gpu" ? 32 : 64,
            Memory = kind == "large" ? 1024 * Gigabyte : 256 * Gigabyte,
            Storage = 1000 * Gigabyte,
            Network = 100_000_000_000,
            Gpus = kind == "gpu" ? [.. Enumerable.Repeat(new SchedulableGpu { Model = "a100", Memory = 80 * Gigabyte, ComputeCapability = "8.0" }, 4)] : [],
            Features = kind == "large" ? ["avx512", "large-memory"] : ["avx512"],
            Topology = [string.Create(CultureInfo.InvariantCulture, $"switch=s{rack / 10}"), string.Create(CultureInfo.InvariantCulture, $"rack=r{rack}")],
            Kind = kind,
            Reliability = 0.98 + (0.02 * random.NextDouble()),
            Power = new NodePower { Idle = 100, Busy = kind == "gpu" ? 1500 : 400, Off = 10, SwitchOnTime = TimeSpan.FromMinutes(3), SwitchOffTime = TimeSpan.FromMinutes(1) },
        };
    }

    private SchedulingContext Context()
    {
        var accounts = ImmutableSortedDictionary.CreateBuilder<string, AccountStanding>();
        for (var number = 0; number < 20; number++)
        {
            accounts.Add(Account(number).Value, new()
            {
                Shares = 1 + (number % 4),
                Institution = Institution(number),
                Guaranteed = number < 5 ? 0.08 : 0,
                Maximum = number % 7 == 6 ? 0.1 : 1,
                UsageAt = Now,
                Usage = Enumerable.Range(0, 10).ToImmutableSortedDictionary(User, _ => 1e6 * random.NextDouble()),
                BudgetLeft = number % 3 == 0 ? ImmutableSortedDictionary<BudgetUnit, double>.Empty.Add(BudgetUnit.CoreHours, 1e7) : ImmutableSortedDictionary<BudgetUnit, double>.Empty,
            });
        }

        var last = nodes.Length - 1;
        return new()
        {
            Accounts = accounts.ToImmutable(),
            Licences = ImmutableSortedDictionary<string, int>.Empty.Add("solver", 1 + (nodes.Length / 20)),
            Windows =
            [
                Window("major", WindowSeverity.Major, TimeSpan.FromHours(20), [.. Enumerable.Range(0, nodes.Length / 10).Select(number => NodeOf(last - number))]),
                Window("minor", WindowSeverity.Minor, TimeSpan.FromHours(6), [.. Enumerable.Range(0, RackSize).Select(number => NodeOf(2 * RackSize + number))]),
            ],
            Reservations = [Reservation("course", 1, TimeSpan.FromHours(3), 2), Reservation("flood", 2, TimeSpan.FromHours(10), nodes.Length / 50)],
        };
    }

    private MaintenanceWindow Window(string id, WindowSeverity severity, TimeSpan after, ImmutableArray<NodeId> on) =>
        new() { Id = id, Severity = severity, Start = Now + after, End = Now + after + TimeSpan.FromHours(4), Nodes = on };

    private Reservation Reservation(string id, int account, TimeSpan after, int count) => new()
    {
        Id = id,
        State = ReservationState.Confirmed,
        Start = Now + after,
        End = Now + after + TimeSpan.FromHours(2),
        Owner = Owner(account, 0),
        Wanted = new() { Nodes = count, Threads = 64, Exclusive = true },
        Allocations = [.. Enumerable.Range(3 * RackSize * account / 2, count).Select(number => new NodeShare { Node = NodeOf(number), Cores = [.. Enumerable.Range(0, nodes[number].Cores)], Exclusive = true })],
    };

    /// <summary>Node by node, until about nine in ten are full.</summary>
    private void Occupy()
    {
        for (var number = 0; number < nodes.Length;)
        {
            var left = RackSize - (number % RackSize);
            if (random.NextDouble() < 0.1)
            {
                number++;
            }
            else if (random.NextDouble() < 0.1)
            {
                var size = Math.Min(random.Next(2, 16), Math.Min(left, nodes.Length - number));
                var gang = Submit(new() { Nodes = size, Threads = 32, Exclusive = true });
                Start(gang, [.. Enumerable.Range(number, size).Select(each => new NodeShare { Node = NodeOf(each), Cores = [.. Enumerable.Range(0, 32)], Exclusive = true })], Started(gang), random.NextDouble());
                number += size;
            }
            else
            {
                Share(nodes[number++]);
            }
        }
    }

    private void Share(SchedulableNode node)
    {
        var parts = random.Next(1, 5);
        var (cores, gpus) = (node.Cores / parts, node.Gpus.Length / parts);
        for (var part = 0; part < parts; part++)
        {
            var request = Submit(new() { Threads = cores, MemoryPerNode = 8 * Gigabyte, GpusPerNode = gpus });
            var share = new NodeShare
            {
                Node = node.Id,
                Cores = [.. Enumerable.Range(part * cores, cores)],
                Gpus = [.. Enumerable.Range(part * gpus, gpus)],
                Memory = 8 * Gigabyte,
            };
            Start(request, [share], Started(request), random.NextDouble());
        }
    }

    private DateTimeOffset Started(PendingRequest request) => Now - (request.DurationEstimate!.Value * random.NextDouble());

    private void Start(PendingRequest request, ImmutableArray<NodeShare> shares, DateTimeOffset at, double partUsed)
    {
        var estimate = request.DurationEstimate!.Value;
        var lease = new RunningLease
        {
            Attempt = request.Attempt,
            Shares = shares,
            Resources = request.Resources,
            Priority = request.Priority,
            Owner = request.Owner,
            JobType = request.JobType,
            StartedAt = at,
            EndsBy = at + estimate,
            EndExpected = at + (estimate * 0.6),
            Protected = request.Protected,
            CanCheckpoint = request.CanCheckpoint,
            CheckpointedAt = request.CanCheckpoint ? at + ((Now - at) * 0.9) : null,
            RestartCost = TimeSpan.FromMinutes(5),
        };
        running.Add(lease.Attempt, lease);
        workspace.SetRunning(lease);
        ends.Enqueue(lease.Attempt, Math.Max(Now.UtcTicks, at.UtcTicks + (long)(estimate.Ticks * partUsed)) + random.Next(1, 10_000_000));
    }

    private void Refill()
    {
        while (pending.Count < pendingTarget)
        {
            var request = Submit(Resources());
            pending.Add(request.Attempt, request);
            workspace.Enqueue(request);
        }
    }

    /// <summary>Some 300 shapes: sizes come in few values, as on real machines.</summary>
    private ResourceRequest Resources()
    {
        var cores = 1 << random.Next(0, 7);
        var memory = (1L << random.Next(1, 6)) * Gigabyte;
        return random.Next(100) switch
        {
            < 8 => new() { Nodes = random.Next(2, 9), Threads = 32, Exclusive = true, Within = "rack" },
            < 12 => new() { Nodes = 1 << random.Next(2, 6), Threads = 32, Exclusive = true },
            < 20 => new() { Threads = 8, MemoryPerNode = memory, GpusPerNode = 1 << random.Next(0, 3), GpuModel = "a100" },
            < 24 => new() { Threads = 4, GpusPerNode = 1, GpuThousandths = 500 },
            < 28 => new() { Threads = Math.Min(cores, 16), Licences = ImmutableSortedDictionary<string, int>.Empty.Add("solver", 1) },
            < 32 => new() { Threads = cores, MemoryPerNode = 512 * Gigabyte, Features = ["large-memory"] },
            < 36 => new() { Threads = cores, StoragePerNode = 100 * Gigabyte, NetworkPerNode = 1_000_000_000 },
            _ => new() { Threads = cores, MemoryPerNode = memory },
        };
    }

    private PendingRequest Submit(ResourceRequest resources)
    {
        var number = submitted++;
        var account = Math.Min(random.Next(20), random.Next(20));
        var estimate = TimeSpan.FromMinutes(Math.Pow(2, 3 + (7.5 * random.NextDouble())));
        return new()
        {
            Attempt = new(new SimulationId(string.Create(CultureInfo.InvariantCulture, $"s-{number}")), "run", 1),
            Resources = resources,
            Priority = random.Next(100) switch { < 10 => PriorityClass.Background, < 30 => PriorityClass.Low, < 90 => PriorityClass.Medium, < 99 => PriorityClass.High, _ => PriorityClass.Critical },
            SubmissionOrder = number,
            QueuedSince = Now - TimeSpan.FromSeconds(random.Next(0, 86_400)),
            DurationEstimate = estimate,
            DurationExpected = estimate * 0.6,
            DurationHigh = estimate,
            Owner = Owner(account, random.Next(10)),
            JobType = account % 2 == 0 ? "climate/coupled" : "cfd",
            Deadline = random.Next(20) == 0 ? Now + TimeSpan.FromHours(random.Next(6, 72)) : null,
            Promise = random.NextDouble(),
            Protected = random.Next(50) == 0,
            CanCheckpoint = random.Next(2) == 0,
        };
    }

    private static Ownership Owner(int account, int user) => new() { Institution = Institution(account), Project = Account(account).Value, User = User(user), Account = Account(account) };

    private static AccountId Account(int number) => new(string.Create(CultureInfo.InvariantCulture, $"p-{number:00}"));

    private static string Institution(int account) => string.Create(CultureInfo.InvariantCulture, $"institute-{account % 3}");

    private static string User(int number) => string.Create(CultureInfo.InvariantCulture, $"user-{number}");

    private static NodeId NodeOf(int number) => new(string.Create(CultureInfo.InvariantCulture, $"n-{number:00000}"));
}
