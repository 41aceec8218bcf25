using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Abstractions.Accounts;

/// <summary>An account as people see it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.account-view")]
public sealed record AccountView
{
    [Id(0)] public AccountId Id { get; init; }

    [Id(1)] public ResourceUse Total { get; init; } = new();

    [Id(2)] public ImmutableSortedDictionary<string, ResourceUse> ByUser { get; init; } = ImmutableSortedDictionary<string, ResourceUse>.Empty;

    /// <summary>By UTC day, oldest first.</summary>
    [Id(3)] public ImmutableArray<UsageDay> Days { get; init; } = [];

    /// <summary>What was arranged.</summary>
    [Id(4)] public AccountTerms Terms { get; init; } = new();

    /// <summary>By their keys.</summary>
    [Id(5)] public ImmutableArray<BudgetView> Budgets { get; init; } = [];

    /// <summary>Use that counts for the fair share now, in core-seconds, by user.</summary>
    [Id(6)] public ImmutableSortedDictionary<string, double> Usage { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>What it has of the cluster now, where that was asked; null: it was not, or the cluster never had work of it.</summary>
    [Id(7)] public ShareStanding? Standing { get; init; }
}

/// <summary>What was used by attempts that ended on one day.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.usage-day")]
public sealed record UsageDay
{
    /// <summary>Midnight, UTC.</summary>
    [Id(0)] public DateTimeOffset Day { get; init; }

    [Id(1)] public ResourceUse Use { get; init; } = new();
}
