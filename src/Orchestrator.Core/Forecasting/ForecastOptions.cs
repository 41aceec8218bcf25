using System.Collections.Immutable;
using Orchestrator.Core.Forecasting.Planned;

namespace Orchestrator.Core.Forecasting;

/// <summary>How far and how a series is carried on.</summary>
public sealed record ForecastOptions
{
    /// <summary>No forecast reaches further than 5 years.</summary>
    public const int YearsMax = 5;

    /// <summary>Steps ahead; at least 1, and at most 5 years.</summary>
    public int Horizon { get; init; } = 1;

    /// <summary>How much of what comes the intervals shall cover, above 0 and below 1.</summary>
    public double Level { get; init; } = 0.9;

    /// <summary>One of <see cref="Methods.ForecastMethods.Names"/>; null: chosen for each series by its own past.</summary>
    public string? Method { get; init; }

    /// <summary>Work that is known already.</summary>
    public ImmutableArray<PlannedWork> Planned { get; init; } = [];

    /// <summary>Times of which it is known that more or less is used than usual: closures, deadlines. Such in the past are taken out before anything is learned.</summary>
    public ImmutableArray<CalendarFactor> Calendar { get; init; } = [];
}
