namespace Orchestrator.Core.Scheduling.Order;

/// <summary>How waiting attempts are ordered.</summary>
public sealed record OrderSettings
{
    public QueuePolicy Policy { get; init; } = QueuePolicy.Weighted;

    /// <summary>Weights of the factors; not negative, at least one above 0. They are divided by their sum.</summary>
    public PriorityWeights Weights { get; init; } = new();

    /// <summary>The age factor is one half after so long in the queue; above 0.</summary>
    public TimeSpan AgeHalf { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How much longer than it really has an attempt counts as having waited, for its size.</summary>
    public HeadStartSettings HeadStart { get; init; } = new();

    /// <summary>
    /// For every so long in the queue an attempt counts one class higher, but never as critical; above 0. Null: it stays in its class.
    /// The default is five times twelve hours.
    /// </summary>
    public TimeSpan? RaiseAfter { get; init; } = TimeSpan.FromHours(60);

    /// <summary>
    /// Who has been in the queue so long goes before all that is not critical, and behind all that is, whatever their classes and shares, the earlier submitted first; above 0. Null, the default: its share alone
    /// decides, so that on a machine that is asked for far more than it can do who used much may wait long; with it such a machine serves by arrival, whatever the shares.
    /// </summary>
    public TimeSpan? LongestWait { get; init; }

    /// <summary>
    /// While more than 0.85 of any resource is in use, the lowest quarter of what waits and is not critical counts one class lower, of equal ones the latest submitted, none below background
    /// (<see cref="Preempting.OverloadRule"/>). Off by default: fair share and classes decide alone.
    /// </summary>
    public bool Overload { get; init; }

    /// <summary>Usage counts half after so long; above 0.</summary>
    public TimeSpan UsageHalfLife { get; init; } = TimeSpan.FromDays(14);

    /// <summary>A deadline is at risk when what is left of the work and this margin fill the time that is left; not negative.</summary>
    public TimeSpan DeadlineMargin { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Work that promises more than this counts one class higher, but never as critical; 0 to 1.</summary>
    public double PromiseRaises { get; init; } = 0.8;

    /// <summary>Work that promises less than this, and is not critical, counts one class lower; 0 to 1.</summary>
    public double PromiseLowers { get; init; } = 0.2;
}

/// <summary>The weight of each factor.</summary>
public sealed record PriorityWeights
{
    public double Class { get; init; } = 8;

    public double Age { get; init; } = 1;

    public double FairShare { get; init; } = 4;

    public double Deadline { get; init; } = 4;

    /// <summary>By default size counts only through <see cref="OrderSettings.HeadStart"/>.</summary>
    public double Size { get; init; }

    public double Promise { get; init; } = 1;
}
