using System.Collections.Immutable;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Scenarios.Criteria;

/// <summary>All that is known of one scenario when it is judged. Nothing in it is made up: what is not known is absent.</summary>
public sealed record ScenarioFacts
{
    public string Id { get; init; } = "";

    /// <summary>Scenarios with the same name here are members of one ensemble, and never ranked against each other; "": of none.</summary>
    public string Ensemble { get; init; } = "";

    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>What is wanted.</summary>
    public ImmutableArray<MetricTarget> Targets { get; init; } = [];

    /// <summary>Newest values by metric, the mean over members; what is not finite does not count.</summary>
    public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Oldest first.</summary>
    public ImmutableArray<MetricSample> History { get; init; } = [];

    /// <summary>The newest values of each member, by metric.</summary>
    public ImmutableArray<ImmutableSortedDictionary<string, double>> Members { get; init; } = [];

    public ImmutableArray<ResearchObjective> Objectives { get; init; } = [];

    /// <summary>By which it differs from the others, such as the forcing.</summary>
    public ImmutableSortedDictionary<string, double> Parameters { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>0 to 1; null: unknown.</summary>
    public double? Progress { get; init; }

    /// <summary>Core-hours used; null: not measured.</summary>
    public double? CoreHours { get; init; }

    /// <summary>Attempts that ended, and how many of them in failure; 0: none did.</summary>
    public int Attempts { get; init; }

    public int FailedAttempts { get; init; }

    /// <summary>By simulation.</summary>
    public ImmutableArray<(SimulationStatus Status, double Progress)> Simulations { get; init; } = [];

    /// <summary>How many simulations are in each status; a status that none is in is no key.</summary>
    public ImmutableSortedDictionary<SimulationStatus, int> Counts() =>
        Simulations.GroupBy(static simulation => simulation.Status).ToImmutableSortedDictionary(static group => group.Key, static group => group.Count());

    /// <summary>The mean over its simulations; 0 without any.</summary>
    public double TotalProgress() => Simulations.IsEmpty ? 0 : Simulations.Average(static simulation => simulation.Progress);
}
