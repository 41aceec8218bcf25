namespace Orchestrator.Core.Accounts;

/// <summary>What happens at the limit of a budget.</summary>
[GenerateSerializer, Alias("orchestrator.budget-kind")]
public enum BudgetKind
{
    Absent = 0,

    /// <summary>It is never exceeded (invariant 8): what it does not cover does not start, and what runs leaves before it is used up.</summary>
    Hard = 1,

    /// <summary>It only warns.</summary>
    Soft = 2,
}
