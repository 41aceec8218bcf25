namespace Orchestrator.Core.Forecasting.Planned;

/// <summary>A time of which it is known that another share of the usual is used.</summary>
public sealed record CalendarFactor
{
    public string Name { get; init; } = "";

    public DateTimeOffset From { get; init; }

    /// <summary>After <see cref="From"/>.</summary>
    public DateTimeOffset Until { get; init; }

    /// <summary>0: closed; 1: as usual; 1.5: half as much again before a deadline. 0 to 100.</summary>
    public double Factor { get; init; }
}
