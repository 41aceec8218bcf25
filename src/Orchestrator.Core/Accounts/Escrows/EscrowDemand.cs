using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Accounts;

/// <summary>An attempt that would start if its cost were drawn.</summary>
public readonly record struct EscrowDemand(AttemptId Attempt, string User, BudgetAmounts Cost);
