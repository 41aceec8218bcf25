using Orchestrator.Core.Accounts;

namespace Orchestrator.Abstractions.Accounts;

/// <summary>One budget in its present window.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.budget-view")]
public sealed record BudgetView
{
    /// <summary>Its name, as in "core-hours/hard/month" or "core-hours/hard/month/ada".</summary>
    [Id(0)] public string Key { get; init; } = "";

    [Id(1)] public Budget Budget { get; init; } = new();

    [Id(2)] public BudgetStatus Status { get; init; }

    /// <summary>Null: the first window has not begun, or there is no beginning.</summary>
    [Id(3)] public DateTimeOffset? WindowStart { get; init; }

    /// <summary>Null: it has no end.</summary>
    [Id(4)] public DateTimeOffset? WindowEnd { get; init; }

    /// <summary>In units; committed in this window.</summary>
    [Id(5)] public double Used { get; init; }

    /// <summary>In units; kept for what runs and what is about to start.</summary>
    [Id(6)] public double Reserved { get; init; }

    /// <summary>In units: what may still be reserved; null: any amount, since it is soft or has not begun.</summary>
    [Id(7)] public double? Left { get; init; }

    /// <summary>In units: used in this window although a hard budget did not cover it, by work that ran already when it was set or could not be stopped in time.</summary>
    [Id(8)] public double Overrun { get; init; }
}
