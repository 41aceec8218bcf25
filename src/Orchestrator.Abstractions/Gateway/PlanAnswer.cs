using System.Collections.Immutable;
using Orchestrator.Core.Forecasting.Planned;
using Orchestrator.Core.Ids;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>What the planner found, if all runs as long as is expected.</summary>
public sealed record PlanAnswer
{
    /// <summary>The moment for which it holds.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>As things are.</summary>
    public PlanOutcome AsItIs { get; init; } = new();

    /// <summary>With the changes; null: none were asked for.</summary>
    public PlanOutcome? Changed { get; init; }

    /// <summary>False: it was played forward only until its limit.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>Who starts before is known, who has no start starts then at the earliest; null: it was played to its end.</summary>
    public DateTimeOffset? PlayedUntil { get; init; }

    /// <summary>It was not played to its horizon, since that takes too long.</summary>
    public bool IsCutShort { get; init; }

    /// <summary>Each attempt that runs or waits, by start.</summary>
    public ImmutableArray<PlanRun> Runs { get; init; } = [];

    /// <summary>
    /// With a campaign that would be submitted: when its stages would run, and what they would use. Those without a start are left out, unless it was cut short: then they are taken to start where it was, with a note.
    /// </summary>
    public ImmutableArray<PlannedDemand> Added { get; init; } = [];

    /// <summary>Of that campaign alone; null: none was asked about.</summary>
    public PlanOutcome? AddedOutcome { get; init; }

    /// <summary>Its name; null: none was asked about.</summary>
    public string? AddedCampaign { get; init; }
}

/// <summary>Of all attempts together.</summary>
public sealed record PlanOutcome
{
    /// <summary>When the first starts, or now when one runs; null: none does.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>When the last simulation ends, as far as is known; null: not known.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>How many never start as far as was played.</summary>
    public int NeverStart { get; init; }
}

/// <summary>When one attempt starts and ends.</summary>
public sealed record PlanRun
{
    public AttemptId Attempt { get; init; }

    /// <summary>It runs already.</summary>
    public bool Runs { get; init; }

    /// <summary>Null: it does not start as far as was played.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>Null: it does not start, or nobody says how long it runs.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>With the changes; null as above, or when none were asked for.</summary>
    public DateTimeOffset? ChangedStart { get; init; }

    public DateTimeOffset? ChangedEnd { get; init; }
}
