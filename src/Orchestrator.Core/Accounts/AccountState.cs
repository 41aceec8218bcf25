using System.Collections.Immutable;

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
}
