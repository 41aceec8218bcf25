using System.Collections.Immutable;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Scenarios;

/// <summary>One simulation of a comparison, as far as its events were taken in.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.scenario-member")]
public sealed record ScenarioMember
{
    /// <summary>Names beyond so many are left out, the first that came stay.</summary>
    public const int MetricsMax = 256;

    [Id(0)] public string Variant { get; init; } = "";

    [Id(1)] public SimulationStatus Status { get; init; }

    /// <summary>Of the whole simulation, 0 to 1.</summary>
    [Id(2)] public double Progress { get; init; }

    /// <summary>Newest value of each.</summary>
    [Id(3)] public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>The sequence of the newest event taken in; 0: none.</summary>
    [Id(4)] public long Cursor { get; init; }

    /// <summary>The cursor that the event log knows of; -1: none, so that the log may drop what was not taken in.</summary>
    [Id(5)] public long CursorKept { get; init; } = -1;

    /// <summary>An attempt of it holds nodes, as far as its events say.</summary>
    [Id(6)] public bool IsActive { get; init; }

    /// <summary>Core-hours of its attempts that ended.</summary>
    [Id(7)] public double CoreHours { get; init; }

    [Id(8)] public int Attempts { get; init; }

    /// <summary>Attempts that ended in failure of the program.</summary>
    [Id(9)] public int FailedAttempts { get; init; }

    /// <summary>It pauses or is paused, and not by the steering of this comparison: a person did it, and a person ends it.</summary>
    [Id(10)] public bool IsPausedByOthers { get; init; }

    /// <summary>What the scheduler was last told that it promises; null: nothing, what it was submitted with holds.</summary>
    [Id(11)] public double? Promise { get; init; }

    /// <summary>The sequence of the newest event with metrics that was taken in; 0: none.</summary>
    [Id(12)] public long Reported { get; init; }

    /// <summary>The share that the scheduler was last told; null: none.</summary>
    [Id(13)] public ScenarioShare? Share { get; init; }

    public bool HasEnded => Status >= SimulationStatus.Completed;
}
