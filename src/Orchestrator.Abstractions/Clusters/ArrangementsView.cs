using System.Collections.Immutable;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Hooks;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Abstractions.Clusters;

/// <summary>What people arranged at a cluster.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.arrangements-view")]
public sealed record ArrangementsView
{
    /// <summary>By start, then id; those that were over long ago are forgotten.</summary>
    [Id(0)] public ImmutableArray<WindowView> Windows { get; init; } = [];

    /// <summary>By start, then id; those that were over long ago are forgotten.</summary>
    [Id(1)] public ImmutableArray<Reservation> Reservations { get; init; } = [];

    /// <summary>Between reservations and windows, newest first.</summary>
    [Id(2)] public ImmutableArray<ReservationConflict> Conflicts { get; init; } = [];

    /// <summary>By target.</summary>
    [Id(3)] public ImmutableArray<PrioritySetting> Priorities { get; init; } = [];

    /// <summary>By simulation.</summary>
    [Id(4)] public ImmutableArray<DeadlineSetting> Deadlines { get; init; } = [];

    [Id(5)] public ImmutableSortedDictionary<string, int> Licences { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    [Id(6)] public EnergyOutlook Energy { get; init; } = new();

    /// <summary>As <see cref="PolicyText"/> writes it; "": as the silo was started with.</summary>
    [Id(7)] public string Policy { get; init; } = "";

    /// <summary>What the site's hook said last, and what was wrong with it.</summary>
    [Id(8)] public HookVerdicts Hook { get; init; } = HookVerdicts.None;

    /// <summary>What was learned of how fast kinds of work run, by kind of node, then kind of work: 1 is the usual speed, 2 twice as fast; 0.1 to 10.</summary>
    [Id(9)] public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, double>> Speeds { get; init; } =
        ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, double>>.Empty;

    /// <summary>What scenarios that steering gave shares asked for and got here, by set and name.</summary>
    [Id(10)] public ImmutableArray<ScenarioReceived> Scenarios { get; init; } = [];
}

/// <summary>A maintenance window, and who stands in its way.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.window-view")]
public sealed record WindowView
{
    [Id(0)] public MaintenanceWindow Window { get; init; } = new();

    /// <summary>Who is still on its nodes at its start, or now, longest first.</summary>
    [Id(1)] public ImmutableArray<WindowBlocker> Blockers { get; init; } = [];
}
