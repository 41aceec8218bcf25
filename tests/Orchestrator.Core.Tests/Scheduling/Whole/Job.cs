using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling.Whole;

/// <summary>A simulation of one stage, as its people and its program have it.</summary>
internal sealed class Job
{
    public int Number { get; private init; }

    public SimulationId Simulation { get; private init; }

    public ResourceRequest Resources { get; private init; } = new();

    public Ownership Owner { get; private init; } = new();

    public PriorityClass Priority { get; private init; }

    public TimeSpan? Estimate { get; private init; }

    /// <summary>The reservation that it names; "": none. Once that is over its people ask without it.</summary>
    public string Reservation { get; set; } = "";

    public bool Protected { get; private init; }

    public bool CanCheckpoint { get; private init; }

    public TimeSpan? DeadlineIn { get; private init; }

    /// <summary>What it really still needs.</summary>
    public TimeSpan Left { get; set; }

    public int Epoch { get; set; }

    public bool IsRunning { get; set; }

    public bool IsOver { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? SavedAt { get; set; }

    /// <summary>The epoch that was told to leave.</summary>
    public int LeavesWith { get; set; }

    public AttemptId Attempt => new(Simulation, "run", Epoch);

    public static Job Draw(Random random, int number, int hosts, string[] users)
    {
        TimeSpan? estimate = random.Next(8) == 0 ? null : TimeSpan.FromMinutes(random.Next(5, 600));
        var real = (estimate ?? TimeSpan.FromHours(5)) * (random.Next(8) == 0 ? 1.3 : 0.2 + (0.8 * random.NextDouble()));
        var account = random.Next(4) switch { 0 => "p-red", 1 => "p-blue", _ => null };
        return new()
        {
            Number = number,
            Simulation = new(string.Create(CultureInfo.InvariantCulture, $"s-{number}")),
            Resources = new()
            {
                Nodes = random.Next(3) == 0 ? random.Next(1, hosts + 1) : 1,
                RanksPerNode = random.Next(1, 4),
                Threads = random.Next(1, 3),
                MemoryPerNode = random.Next(2) == 0 ? random.Next(0, 40) : 0,
                GpusPerNode = random.Next(6) == 0 ? 1 : 0,
                GpuThousandths = random.Next(2) == 0 ? 1000 : random.Next(1, 1001),
                Exclusive = random.Next(8) == 0,
                Features = random.Next(8) == 0 ? ["fast"] : [],
                StoragePerNode = random.Next(6) == 0 ? random.Next(1, 10) : 0,
                NetworkPerNode = random.Next(5) == 0 ? random.Next(1, 8) : 0,
                Within = random.Next(8) == 0 ? "rack" : null,
                Licences = random.Next(5) == 0 ? ImmutableSortedDictionary<string, int>.Empty.Add("cfd", random.Next(1, 3)) : ImmutableSortedDictionary<string, int>.Empty,
            },
            Owner = new() { User = users[random.Next(users.Length)], Project = account ?? "p", Account = account is null ? default : new AccountId(account) },
            Priority = (PriorityClass)random.Next(1, 6),
            Estimate = estimate,
            Left = real,
            Protected = random.Next(6) == 0,
            CanCheckpoint = random.Next(2) == 0,
            Reservation = random.Next(6) == 0 ? string.Create(CultureInfo.InvariantCulture, $"r{random.Next(1, 9)}") : "",
            DeadlineIn = random.Next(5) == 0 ? TimeSpan.FromHours(random.Next(1, 30)) : null,
        };
    }

    public LeaseRequest Request(DateTimeOffset now) => new()
    {
        Attempt = Attempt,
        Resources = Resources,
        Priority = Priority,
        SubmittedAt = now,
        Order = Number,
        DurationEstimate = Estimate,
        Owner = Owner,
        Protected = Protected,
        Grace = TimeSpan.FromSeconds(20),
        CanCheckpoint = CanCheckpoint,
        Reservation = Reservation,
        Deadline = now + DeadlineIn,
        RestartCost = TimeSpan.FromMinutes(1),
    };
}
