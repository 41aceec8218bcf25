using System.Collections.Immutable;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Replay.Campaigns;

/// <summary>A cluster and all that happens to it in some months: what a replay of campaigns runs. Times are counted from <see cref="Start"/>.</summary>
public sealed record CampaignScript
{
    public string Name { get; init; } = "";

    /// <summary>The moment of its beginning; only windows are given as moments.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Above zero; what runs then, or waits, is told.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromDays(180);

    public int Seed { get; init; } = 1;

    /// <summary>At least one node.</summary>
    public ImmutableArray<ScriptNode> Nodes { get; init; } = [];

    public ImmutableArray<MaintenanceWindow> Windows { get; init; } = [];

    /// <summary>Times of slow checkpoint storage; where several overlap, their factors are multiplied.</summary>
    public ImmutableArray<StorageSpell> Storage { get; init; } = [];

    public ImmutableArray<ScriptSimulation> Simulations { get; init; } = [];

    public ImmutableArray<ScriptUsers> Users { get; init; } = [];

    public SchedulingSettings Settings { get; init; } = new();

    /// <summary>How failures are noticed and checkpoints are timed.</summary>
    public SimulationPolicy Policy { get; init; } = SimulationPolicy.Default;

    public CampaignExpectations Expectations { get; init; } = new();

    /// <summary>A plan is made at most so often; above zero.</summary>
    public TimeSpan PlanEvery { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>One node.</summary>
public sealed record ScriptNode
{
    public required SchedulableNode Node { get; init; }

    /// <summary>Null: it never fails.</summary>
    public FailureModel? Failures { get; init; }
}

/// <summary>A time in which checkpoints take longer.</summary>
public sealed record StorageSpell
{
    /// <summary>After the beginning.</summary>
    public TimeSpan From { get; init; }

    public TimeSpan Until { get; init; }

    /// <summary>What a checkpoint costs is multiplied by it; at least 1.</summary>
    public double Factor { get; init; } = 1;
}

/// <summary>One simulation, and how it really behaves.</summary>
public sealed record ScriptSimulation
{
    public required SimulationDefinition Definition { get; init; }

    /// <summary>After the beginning.</summary>
    public TimeSpan Submitted { get; init; }

    /// <summary>Part of the estimated duration that each stage really takes, without checkpoints and what is lost; above 0.</summary>
    public double Takes { get; init; } = 1;

    /// <summary>What one checkpoint takes while the storage is as fast as it should be; not negative. The program does not compute meanwhile.</summary>
    public TimeSpan CheckpointCost { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>From its grant until it computes, a restore included; not negative.</summary>
    public TimeSpan StartTime { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>Users who compete: they submit work at a steady rate, as long as they have not too much of it waiting.</summary>
public sealed record ScriptUsers
{
    /// <summary>1 to 40 of a-z, 0-9, '_' and '-'; unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>At least 1.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Work that they submit, as a multiple of what the whole machine could do in that time; above 0.</summary>
    public double Load { get; init; } = 1;

    /// <summary>Work of one user that may wait; what is submitted beyond is sent back, and counted. At least 1.</summary>
    public int WaitingMax { get; init; } = 10;

    public PriorityClass Priority { get; init; } = PriorityClass.Medium;

    /// <summary>Nodes of each piece of work, from 1: small ones are more frequent (their logarithm is uniform).</summary>
    public int NodesMin { get; init; } = 1;

    public int NodesMax { get; init; } = 8;

    /// <summary>Cores on each node.</summary>
    public int Cores { get; init; } = 1;

    /// <summary>How long work takes; short is more frequent (its logarithm is uniform).</summary>
    public TimeSpan TimeMin { get; init; } = TimeSpan.FromHours(1);

    public TimeSpan TimeMax { get; init; } = TimeSpan.FromHours(24);

    /// <summary>They ask for 1 to this times what their work takes; at least 1.</summary>
    public double EstimateFactor { get; init; } = 2;

    /// <summary>Part of their work that can be stopped at a checkpoint, 0 to 1.</summary>
    public double Checkpoints { get; init; } = 1;

    public TimeSpan CheckpointCost { get; init; } = TimeSpan.FromSeconds(15);

    public TimeSpan StartTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Core-seconds of one piece of work in the mean.</summary>
    public double MeanWork => MeanNodes * Cores * MeanOfLogUniform(TimeMin.TotalSeconds, TimeMax.TotalSeconds);

    private double MeanNodes
    {
        get
        {
            var whole = Math.Log((NodesMax + 1.0) / NodesMin);
            var mean = 0.0;
            for (var nodes = NodesMin; nodes <= NodesMax; nodes++)
            {
                mean += nodes * Math.Log((nodes + 1.0) / nodes) / whole;
            }

            return mean;
        }
    }

    internal int DrawNodes(SeededRandom random) => Math.Clamp((int)(NodesMin * Math.Exp(random.Next() * Math.Log((NodesMax + 1.0) / NodesMin))), NodesMin, NodesMax);

    internal TimeSpan DrawTime(SeededRandom random) => TimeMin * Math.Exp(random.Next() * Math.Log(TimeMax / TimeMin));

    private static double MeanOfLogUniform(double least, double most) => most > least ? (most - least) / Math.Log(most / least) : least;
}
