using System.Collections.Immutable;

namespace Orchestrator.Core.Forecasting.Planned;

/// <summary>What a stage that runs, waits or is to be submitted is expected to use, and when.</summary>
public sealed record PlannedDemand
{
    public string Campaign { get; init; } = "";

    public string Simulation { get; init; } = "";

    public string Stage { get; init; } = "";

    public string User { get; init; } = "";

    /// <summary>Institution and project, with a slash between them.</summary>
    public string Project { get; init; } = "";

    /// <summary>When it starts; of what runs, when that attempt did.</summary>
    public DateTimeOffset From { get; init; }

    /// <summary>Not before <see cref="From"/>.</summary>
    public DateTimeOffset Until { get; init; }

    /// <summary>Over all of that time; not negative.</summary>
    public double CoreHours { get; init; }

    public double GpuHours { get; init; }

    /// <summary>It runs already.</summary>
    public bool Runs { get; init; }

    /// <summary>What has to be said of it, as a sentence, such as that its start is not known; null: nothing.</summary>
    public string? Note { get; init; }

    /// <summary>As forecasts take it: what uses nothing, or takes no time, is left out.</summary>
    /// <param name="demand">In any order.</param>
    /// <param name="amount">Core-hours or GPU-hours of each.</param>
    /// <param name="isExtra">It comes on top of what is usual.</param>
    public static ImmutableArray<PlannedWork> AsWork(IEnumerable<PlannedDemand> demand, Func<PlannedDemand, double> amount, bool isExtra)
    {
        ArgumentNullException.ThrowIfNull(demand);
        ArgumentNullException.ThrowIfNull(amount);
        return
        [
            .. demand.Where(each => each.Until > each.From && amount(each) > 0).Select(each => new PlannedWork
            {
                Name = $"{each.Simulation}/{each.Stage}",
                From = each.From,
                Until = each.Until,
                Amount = amount(each),
                IsExtra = isExtra,
            }),
        ];
    }
}
