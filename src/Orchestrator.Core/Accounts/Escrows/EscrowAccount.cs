using System.Collections.Immutable;

namespace Orchestrator.Core.Accounts;

/// <summary>What one cluster has drawn of an account.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.escrow-account")]
public sealed record EscrowAccount
{
    /// <summary>Its last order that was done.</summary>
    [Id(0)] public long Operation { get; init; }

    /// <summary>What was answered to that, for when the answer was lost.</summary>
    [Id(1)] public ImmutableArray<bool> Granted { get; init; } = [];

    /// <summary>Drawn and not settled, by user.</summary>
    [Id(2)] public ImmutableSortedDictionary<string, BudgetAmounts> Reserved { get; init; } = ImmutableSortedDictionary<string, BudgetAmounts>.Empty;
}
