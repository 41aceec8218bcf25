namespace Orchestrator.Core.Accounts;

/// <summary>What was used of one budget in a window. In another window nothing of it counts.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.budget-count")]
public sealed record BudgetCount
{
    [Id(0)] public DateTimeOffset WindowStart { get; init; }

    /// <summary>In millionths of the unit. What runs over the end of a window counts in the window in which it was settled.</summary>
    [Id(1)] public long Used { get; init; }

    /// <summary>Used although the hard budget did not cover it, in millionths: work that was started before the budget was set, or that could not be stopped in time.</summary>
    [Id(2)] public long Overrun { get; init; }

    /// <summary>The highest of 80, 90 and 100 that was announced in the window; 0: none.</summary>
    [Id(3)] public int Announced { get; init; }
}
