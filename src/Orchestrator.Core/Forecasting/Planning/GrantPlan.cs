using System.Collections.Immutable;

namespace Orchestrator.Core.Forecasting.Planning;

/// <summary>How a grant burns down.</summary>
public sealed record GrantPlan
{
    public string Name { get; init; } = "";

    public double Allocation { get; init; }

    /// <summary>Up to the end of what was measured.</summary>
    public double Used { get; init; }

    /// <summary>Part of the time that is over, 0 to 1.</summary>
    public double TimeOver { get; init; }

    /// <summary>Used at the end of the grant, if nobody stopped it.</summary>
    public ForecastRange AtEnd { get; init; }

    /// <summary>How likely hours expire unused.</summary>
    public double LikelyToExpire { get; init; }

    /// <summary>Hours that expire, as expected.</summary>
    public double ExpiresExpected { get; init; }

    /// <summary>How likely the allocation runs out before the end.</summary>
    public double LikelyToRunOut { get; init; }

    /// <summary>When it runs out as expected; null: not before the end.</summary>
    public DateTimeOffset? RunsOutAt { get; init; }

    /// <summary>When it runs out if much is used: with the upper end of the interval.</summary>
    public DateTimeOffset? RunsOutEarliest { get; init; }

    /// <summary>Hours of a day that would use the rest up exactly.</summary>
    public double RateToUseAll { get; init; }

    /// <summary>Hours of a day as they are expected.</summary>
    public double RateExpected { get; init; }

    /// <summary>By date; those that are over too.</summary>
    public ImmutableArray<PullBackRisk> PullBacks { get; init; } = [];

    /// <summary>How much was and will be used, for a plot: the sum by day.</summary>
    public ImmutableArray<ForecastPoint> BurnDown { get; init; } = [];

    /// <summary>What to do; sentences.</summary>
    public ImmutableArray<string> Advice { get; init; } = [];

    public ImmutableArray<string> Notes { get; init; } = [];
}

/// <summary>What a pull-back would take.</summary>
public sealed record PullBackRisk
{
    public DateTimeOffset At { get; init; }

    /// <summary>Hours that have to be used by then.</summary>
    public double Needed { get; init; }

    /// <summary>Hours that are used by then.</summary>
    public ForecastRange Used { get; init; }

    /// <summary>How likely too few are.</summary>
    public double Likely { get; init; }

    /// <summary>Hours taken, as expected over all that may come.</summary>
    public double AtRisk { get; init; }

    /// <summary>Hours a day from now on that keep everything; null: it is over.</summary>
    public double? RateNeeded { get; init; }
}
