namespace Orchestrator.Core.Accounts;

/// <summary>What a user used and the account was not told yet.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.escrow-tally")]
public sealed record EscrowTally
{
    /// <summary>Out of what was drawn.</summary>
    [Id(0)] public BudgetAmounts Used { get; init; }

    /// <summary>Without cover.</summary>
    [Id(1)] public BudgetAmounts Beyond { get; init; }
}
