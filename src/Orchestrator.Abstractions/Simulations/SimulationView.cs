using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Abstractions.Simulations;

/// <summary>A simulation as people see it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.simulation-view")]
public sealed record SimulationView
{
    [Id(0)] public SimulationId Id { get; init; }

    [Id(1)] public string Name { get; init; } = "";

    [Id(2)] public string Campaign { get; init; } = "";

    [Id(3)] public ScenarioId? Scenario { get; init; }

    [Id(4)] public string Variant { get; init; } = "";

    [Id(5)] public int Member { get; init; }

    [Id(6)] public SimulationStatus Status { get; init; }

    /// <summary>Why it has this status, as a sentence: always set once it ended (invariant 1).</summary>
    [Id(7)] public string? Reason { get; init; }

    [Id(8)] public Ownership Owner { get; init; } = new();

    [Id(9)] public ClusterId Cluster { get; init; }

    [Id(10)] public PriorityClass Priority { get; init; }

    [Id(11)] public DateTimeOffset SubmittedAt { get; init; }

    [Id(12)] public DateTimeOffset? StartedAt { get; init; }

    [Id(13)] public DateTimeOffset? EndedAt { get; init; }

    /// <summary>0 to 1: stages by their estimated durations.</summary>
    [Id(14)] public double Progress { get; init; }

    /// <summary>In the order of the definition.</summary>
    [Id(15)] public ImmutableArray<StageView> Stages { get; init; } = [];

    /// <summary>Newest value of every metric that its programs reported.</summary>
    [Id(16)] public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>When it is expected to end, from the estimates of what is left; null once it ended.</summary>
    [Id(17)] public DateTimeOffset? ExpectedEnd { get; init; }

    /// <summary>The same, as it was estimated at submission: the baseline.</summary>
    [Id(18)] public DateTimeOffset? BaselineEnd { get; init; }

    [Id(19)] public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Grows with every change.</summary>
    [Id(20)] public long Version { get; init; }

    [Id(21)] public ResourceUse Use { get; init; } = new();

    [Id(22)] public bool Protected { get; init; }

    /// <summary>The reservation that it was submitted with; "": none.</summary>
    [Id(23)] public string Reservation { get; init; } = "";

    /// <summary>Keys of additions that were taken while it ran.</summary>
    [Id(30)] public ImmutableArray<string> AdditionKeys { get; init; } = [];

    /// <summary>Moments for which a checkpoint of everything that runs then is wanted, the next first.</summary>
    [Id(40)] public ImmutableArray<DateTimeOffset> CheckpointsWanted { get; init; } = [];
}
