using System.Collections.Immutable;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Hooks;
using Orchestrator.Core.Scheduling.Matching;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Scheduling;

/// <summary>The part of a problem that changes seldom: what people arranged, and what was learned.</summary>
public sealed record SchedulingContext
{
    /// <summary>Those that are not over.</summary>
    public ImmutableArray<MaintenanceWindow> Windows { get; init; } = [];

    /// <summary>Those that are not over.</summary>
    public ImmutableArray<Reservation> Reservations { get; init; } = [];

    /// <summary>How many there are of each licence, used or not.</summary>
    public ImmutableSortedDictionary<string, int> Licences { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    /// <summary>By the value of the account's id; an account that is not listed has one share and no limits.</summary>
    public ImmutableSortedDictionary<string, AccountStanding> Accounts { get; init; } = ImmutableSortedDictionary<string, AccountStanding>.Empty;

    /// <summary>Shares of institutions; one that is not listed has one.</summary>
    public ImmutableSortedDictionary<string, double> Institutions { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>What was learned of how fast kinds of work run on kinds of nodes.</summary>
    public LearnedSpeeds Speeds { get; init; } = LearnedSpeeds.Empty;

    /// <summary>What was learned of the work that came and went.</summary>
    public LearnedWork Work { get; init; } = LearnedWork.Empty;

    /// <summary>What scenarios that steering gave shares have got, by the ids of their sets; empty: no steering rules by shares.</summary>
    public ImmutableSortedDictionary<string, ScenarioSetUse> Scenarios { get; init; } = ImmutableSortedDictionary<string, ScenarioSetUse>.Empty;

    /// <summary>Prices or carbon, and the mode in force.</summary>
    public EnergyOutlook Energy { get; init; } = new();

    /// <summary>What the hook said last; attempts that it said nothing of are not listed.</summary>
    public HookVerdicts Hook { get; init; } = HookVerdicts.None;
}
