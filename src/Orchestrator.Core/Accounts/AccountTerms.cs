using System.Collections.Immutable;

namespace Orchestrator.Core.Accounts;

/// <summary>What was arranged with an account.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.account-terms")]
public sealed record AccountTerms
{
    /// <summary>Its part of its institution, in proportion to the others' (importance); above 0.</summary>
    [Id(0)] public double Shares { get; init; } = 1;

    /// <summary>Shares of its users; one that is not listed has one.</summary>
    [Id(1)] public ImmutableSortedDictionary<string, double> Users { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Part of the cluster's cores that it gets whenever it wants them, 0 to 1.</summary>
    [Id(2)] public double Guaranteed { get; init; }

    /// <summary>Part of the cluster's cores that it never exceeds, from <see cref="Guaranteed"/> to 1.</summary>
    [Id(3)] public double Maximum { get; init; } = 1;

    /// <summary>Part of its guarantee that it lends at most while it does not need it, 0 to 1.</summary>
    [Id(4)] public double LendLimit { get; init; } = 0.5;

    [Id(5)] public bool MayBorrow { get; init; } = true;

    /// <summary>Attempts that may run at once; null: any number.</summary>
    [Id(6)] public int? RunningMax { get; init; }

    /// <summary>By their keys.</summary>
    [Id(7)] public ImmutableSortedDictionary<string, Budget> Budgets { get; init; } = ImmutableSortedDictionary<string, Budget>.Empty;

    /// <summary>Use counts half for the fair share after so long.</summary>
    [Id(8)] public TimeSpan UsageHalfLife { get; init; } = TimeSpan.FromDays(14);
}
