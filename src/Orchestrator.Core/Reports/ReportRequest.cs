using System.Collections.Immutable;
using Orchestrator.Core.Forecasting;
using Orchestrator.Core.Forecasting.Planned;
using Orchestrator.Core.Forecasting.Planning;
using Orchestrator.Core.Usage;

namespace Orchestrator.Core.Reports;

/// <summary>What a report is made of.</summary>
public sealed record ReportRequest
{
    public ReportKind Kind { get; init; }

    /// <summary>What was used: jobs or attempts.</summary>
    public ImmutableArray<UsageRecord> Records { get; init; } = [];

    /// <summary>Up to this moment all use is known, so that a machine on which nothing ends is seen to be idle; null: up to the newest use.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>What was wrong with the data; sentences.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>What is told apart.</summary>
    public UsageDimension By { get; init; } = UsageDimension.User;

    /// <summary>Cores of the machine; null: not known, and nothing is said of its utilization.</summary>
    public double? Cores { get; init; }

    /// <summary>GPUs of the machine; null: not known.</summary>
    public double? Gpus { get; init; }

    /// <summary>Memory of the machine in bytes; null: not known.</summary>
    public double? Memory { get; init; }

    public UsageRates Rates { get; init; } = new();

    /// <summary>Days ahead.</summary>
    public int Horizon { get; init; } = 180;

    public ImmutableArray<Grant> Grants { get; init; } = [];

    /// <summary>What runs, waits or is scheduled: part of what is usual, so that a forecast is at least that.</summary>
    public ImmutableArray<PlannedDemand> Planned { get; init; } = [];

    /// <summary>A forecast that was made of the same already (<see cref="Reporter.ForecastOf"/>); null: it is made.</summary>
    public SeriesForecast? Forecast { get; init; }

    /// <summary>What might be submitted: what if it were, on top of everything else?</summary>
    public ImmutableArray<PlannedDemand> More { get; init; } = [];

    public PlanGoal Goal { get; init; } = PlanGoal.Balance;

    public PlanTimeframe Timeframe { get; init; } = PlanTimeframe.MediumTerm;

    /// <summary>Priorities of the scenarios that simulations belong to, 0 to 1, by simulation; those that belong to none are not there.</summary>
    public ImmutableSortedDictionary<string, double> Priorities { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Rows of tables by name, at most; the largest first.</summary>
    public int Rows { get; init; } = 50;

    /// <summary>Where what was measured ends.</summary>
    internal DateTimeOffset End()
    {
        var newest = Records.Max(static record => record.Until);
        return Until > newest ? Until.Value : newest;
    }
}
