namespace Orchestrator.Core.Scheduling.Shares;

/// <summary>How shares and budgets are held.</summary>
public sealed record ShareSettings
{
    /// <summary>Accounts may use what others lend.</summary>
    public bool Borrowing { get; init; } = true;

    /// <summary>A lender that waits so long for its own gets it back by preemption of borrowers; null: only as they end.</summary>
    public TimeSpan? ReclaimAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What resources count in budgets of cost and energy.</summary>
    public BudgetRates Rates { get; init; } = new();

    /// <summary>For so long a hard budget must cover an attempt of which nobody says how long it runs; while it runs, it is covered again and again.</summary>
    public TimeSpan UnknownDuration { get; init; } = TimeSpan.FromHours(1);
}
