namespace Orchestrator.Core.Forecasting.Planned;

/// <summary>Work that is queued or scheduled, with what it is estimated to use. It is spread evenly over its time.</summary>
public sealed record PlannedWork
{
    public string Name { get; init; } = "";

    public DateTimeOffset From { get; init; }

    /// <summary>After <see cref="From"/>.</summary>
    public DateTimeOffset Until { get; init; }

    /// <summary>What it uses altogether, in the unit of the series; not negative.</summary>
    public double Amount { get; init; }

    /// <summary>How likely it comes, 0 to 1.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>
    /// True: it comes on top of what is usual. False: it is part of the usual load, which is the rule for queued work; then the forecast of a step is at least what is planned for it.
    /// </summary>
    public bool IsExtra { get; init; }
}
