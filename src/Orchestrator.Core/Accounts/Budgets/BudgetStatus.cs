namespace Orchestrator.Core.Accounts;

/// <summary>How far a budget is used up in its present window.</summary>
[GenerateSerializer, Alias("orchestrator.budget-status")]
public enum BudgetStatus
{
    Absent = 0,

    /// <summary>Below 80 %.</summary>
    Open = 1,

    /// <summary>80 % are used; of a soft budget also 90 and 100 %.</summary>
    Warned = 2,

    /// <summary>90 % of a hard budget are used.</summary>
    Degraded = 3,

    /// <summary>A hard budget is used up: nothing of it starts before the window ends or the budget is raised.</summary>
    Halted = 4,
}
