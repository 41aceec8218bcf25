using System.Collections.Immutable;
using Orchestrator.Core.Events;
using Orchestrator.Core.Usage;

namespace Orchestrator.Core.Accounts;

/// <summary>What an account used. Up to <see cref="CountedTo"/> of the log all of its use is counted; beyond it, what <see cref="Beyond"/> says.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.account-state")]
public sealed record AccountState
{
    [Id(0)] public ResourceUse Total { get; init; } = new();

    [Id(1)] public ImmutableSortedDictionary<string, ResourceUse> ByUser { get; init; } = ImmutableSortedDictionary<string, ResourceUse>.Empty;

    /// <summary>By midnight UTC of the day on which the attempt ended.</summary>
    [Id(2)] public ImmutableSortedDictionary<DateTimeOffset, ResourceUse> Days { get; init; } = ImmutableSortedDictionary<DateTimeOffset, ResourceUse>.Empty;

    /// <summary>A position of the log.</summary>
    [Id(3)] public long CountedTo { get; init; }

    /// <summary>By source.</summary>
    [Id(4)] public ImmutableSortedDictionary<string, AccountCursor> Beyond { get; init; } = ImmutableSortedDictionary<string, AccountCursor>.Empty;

    /// <summary>Attempts that were counted.</summary>
    [Id(5)] public long Attempts { get; init; }

    /// <summary>What was arranged.</summary>
    [Id(6)] public AccountTerms Terms { get; init; } = new();

    /// <summary>What was used of each budget, by its key.</summary>
    [Id(7)] public ImmutableSortedDictionary<string, BudgetCount> Counts { get; init; } = ImmutableSortedDictionary<string, BudgetCount>.Empty;

    /// <summary>What clusters have drawn, by the value of their id.</summary>
    [Id(8)] public ImmutableSortedDictionary<string, EscrowAccount> Escrows { get; init; } = ImmutableSortedDictionary<string, EscrowAccount>.Empty;

    /// <summary>Decayed use for the fair share, by user.</summary>
    [Id(9)] public ImmutableSortedDictionary<string, DecayedUse> Decayed { get; init; } = ImmutableSortedDictionary<string, DecayedUse>.Empty;

    /// <summary>Events that are not in the log yet, in their order.</summary>
    [Id(10)] public ImmutableArray<OrchestratorEvent> Outbox { get; init; } = [];

    /// <summary>Of the last event that was ever put into the outbox.</summary>
    [Id(11)] public long EventSequence { get; init; }

    /// <summary>What was used over time, by user, simulation, stage and node; what was counted before there was such a book is not in it.</summary>
    [Id(12)] public UsageBook Usage { get; init; } = UsageBook.Empty;
}
